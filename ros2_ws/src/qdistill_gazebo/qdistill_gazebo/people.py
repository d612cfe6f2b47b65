"""Where people want to be: each walks to a random place on its line, stands there for a while, and walks on; who is touched turns back. The same seed gives the same walks."""

import random

REACH = 2.5
WALKING_SPEED = 1.1


class Person:
    """One person on a line of 2 x REACH [m]."""

    def __init__(self, seed, number):
        self.random = random.Random(f'{seed}/{number}')
        self.target = self.before = 0.0
        self.next = None
        self.touched_until = 0.0

    def decide(self, now):
        """The place [m] to walk to at time now [s]."""
        if self.next is None:
            self.next = now + self.random.uniform(0.0, 4.0)
        elif now >= self.next:
            self._walk(now, self.random.uniform(-REACH, REACH))
        return self.target

    def touch(self, now):
        """Somebody runs into this person at time now [s]: it goes back to where it came from."""
        if now >= self.touched_until:
            self.touched_until = now + 2.0
            self._walk(now, self.before)

    def _walk(self, now, target):
        # There, then a pause: mostly short, sometimes long.
        self.next = now + abs(target - self.target) / WALKING_SPEED + self.random.expovariate(1 / 3.0)
        self.before, self.target = self.target, target
