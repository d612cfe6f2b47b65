"""
A pilot that flies the drone from one random set-point to the next with velocity commands, and that lands now and then: softly, or, one time in three, hard.

Velocities are in the body frame, x forward and z up (REP 103), as Gazebo's velocity controller takes them. The same seed and the same input give the same commands.
"""

import math
import random

CRUISE = 2.5
ROOM = 10.0
LOW, HIGH = 1.2, 4.5


class Pilot:
    """Decides on velocity [m/s] and yaw rate [rad/s], and says where it wants to be."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.set_point = None
        self.leg_until = 0.0
        self.landing = None

    def decide(self, now, position, yaw):
        """The command (vx, vy, vz, yaw rate) at time now [s] and the pose of the odometry; set_point is where it wants to be."""
        x, y, z = position
        if self.set_point is None:
            self.set_point, self.leg_until = (x, y, 2.0), now + 8.0
        elif self.landing is not None:
            if z < 0.1 and now > self.leg_until:
                self.landing = None
                self.set_point, self.leg_until = (x, y, 2.0), now + 8.0
        elif now > self.leg_until or math.dist(position, self.set_point) < 0.4:
            self._next_leg(now, position)
        dx, dy, dz = (s - p for s, p in zip(self.set_point, position))
        speed = min(CRUISE, 0.9 * math.hypot(dx, dy))
        heading = math.atan2(dy, dx) if speed > 0.3 else yaw
        vx, vy = speed * math.cos(heading - yaw), speed * math.sin(heading - yaw)
        vz = -self.landing if self.landing is not None and z > 0.05 else max(-1.2, min(1.5, 0.9 * dz))
        turn = math.atan2(math.sin(heading - yaw), math.cos(heading - yaw))
        return vx, vy, vz, max(-1.0, min(1.0, 0.8 * turn))

    def _next_leg(self, now, position):
        x, y, z = position
        if self.random.random() < 0.15:
            # A hard landing meets the ground at more than 1 m/s.
            self.landing = self.random.uniform(1.2, 2.2) if self.random.random() < 1 / 3 else self.random.uniform(0.3, 0.6)
            self.set_point, self.leg_until = (x, y, 0.0), now + z / self.landing + 3.0
            return
        self.set_point = (self.random.uniform(-ROOM, ROOM), self.random.uniform(-ROOM, ROOM), self.random.uniform(LOW, HIGH))
        self.leg_until = now + math.dist(position, self.set_point) / CRUISE + 6.0
