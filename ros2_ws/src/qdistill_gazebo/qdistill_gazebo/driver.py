"""
A driver that wanders from one random goal to the next by what the lidar shows, and that is careless now and then, so that there is something to learn from.

Attentive, it scores a fan of arcs by their free length and by how well they lead to the goal. Hasty, it drives faster, keeps hardly any margin and looks late. Distracted,
it holds its command. After a hit it stands for a moment, backs out the way it came and takes another goal. The same seed and the same input give the same commands.
"""

import math
import random

import numpy as np

HALF_LENGTH, HALF_WIDTH = 0.3, 0.2
DECELERATION = 1.0
MAX_YAW_RATE = 0.9
REVERSE_SPEED = 0.35
CURVATURES = np.linspace(-2.0, 2.0, 13)
STEP, STEPS = 0.1, 22

# By mood: share of the full speed, margin [m], how much of the possible deceleration is counted on, how often it looks [s].
STYLES = {'attentive': (0.7, 0.15, 0.5, 0.0), 'hasty': (1.0, 0.03, 1.0, 0.45)}


def _poses():
    """Positions and directions along each arc, from where the robot stands: arrays of arcs x steps."""
    s = STEP * np.arange(1, STEPS + 1)[None, :]
    k = CURVATURES[:, None]
    bent = np.where(np.abs(k) < 1e-9, 1e-9, k)
    turn = bent * s
    return np.sin(turn) / bent, (1 - np.cos(turn)) / bent, turn


ARC_X, ARC_Y, ARC_TURN = _poses()
ARC_COS, ARC_SIN = np.cos(ARC_TURN), np.sin(ARC_TURN)


class Driver:
    """Decides on speed [m/s] and yaw rate [rad/s] from scans, odometry and the bumper."""

    def __init__(self, seed=1, speed=0.95):
        self.random = random.Random(seed)
        self.speed = speed
        self.mood = 'attentive'
        self.command = (0.0, 0.0)
        self.points = np.empty((0, 2))
        self.free_ahead = None
        self.mood_until = self.next_look = None
        self.goal, self.goal_until = None, 0.0
        self.recovery = []

    def see(self, ranges, angle_min, increment, range_min, range_max):
        """Takes in a scan; beams that met nothing, or are no numbers, hold no point."""
        r = np.asarray(ranges, dtype=float)
        angles = angle_min + increment * np.arange(len(r))
        met = np.isfinite(r) & (r >= range_min) & (r < range_max)
        self.points = np.stack((r[met] * np.cos(angles[met]), r[met] * np.sin(angles[met])), axis=1)
        self.free_ahead = (angles, np.where(np.isfinite(r), np.clip(r, 0, range_max), range_max))

    def decide(self, now, pose, pressed):
        """The command at time now [s], at the pose (x, y, yaw) of the odometry. It stands until there is a scan."""
        if self.free_ahead is None:
            return self.command
        if pressed and not self.recovery:
            self._recover(now)
        if self.recovery:
            until, v, w = self.recovery[0]
            if now < until:
                self.command = (v, w)
                return self.command
            self.recovery.pop(0)
            self.command = (0.0, 0.0)
            if not self.recovery:
                self.goal = None
                self._change_mood(now, 'attentive')
        if self.mood_until is None or now >= self.mood_until:
            self._change_mood(now)
        if self.mood == 'distracted':
            return self.command
        share, margin, trust, pause = STYLES[self.mood]
        if pause and self.next_look is not None and now < self.next_look:
            return self.command
        self.next_look = now + pause
        self._plan(now, pose, share * self.speed, margin, trust * DECELERATION)
        return self.command

    def _change_mood(self, now, mood=None):
        if mood is None:
            mood = 'attentive' if self.mood != 'attentive' else ('hasty' if self.random.random() < 0.5 else 'distracted')
            if mood == 'distracted' and self.command[0] < 0.2:
                mood = 'attentive'
        self.mood = mood
        mean = {'attentive': 5.0, 'hasty': 4.0, 'distracted': 1.6}[mood]
        self.mood_until = now + min(3 * mean, self.random.expovariate(1 / mean))
        self.next_look = None

    def _recover(self, now):
        """Stands, leaves the way it came, and turns away a little."""
        stand = now + self.random.uniform(0.3, 0.8)
        leave = stand + self.random.uniform(1.0, 1.8)
        turn = leave + self.random.uniform(0.5, 1.5)
        backwards = self.command[0] >= 0.05
        if abs(self.command[0]) < 0.05 and len(self.points):
            # It was run into: away from what is nearest.
            backwards = self.points[np.argmin(np.hypot(*self.points.T))][0] > 0
        way = -REVERSE_SPEED if backwards else REVERSE_SPEED
        side = self.random.choice((-1, 1))
        self.recovery = [(stand, 0.0, 0.0), (leave, way, 0.0), (turn, 0.0, side * MAX_YAW_RATE)]

    def _plan(self, now, pose, speed, margin, deceleration):
        x, y, yaw = pose
        if self.goal is None or now > self.goal_until or math.hypot(self.goal[0] - x, self.goal[1] - y) < 0.6:
            self._choose_goal(now, pose)
        gx, gy = self.goal[0] - x, self.goal[1] - y
        bearing = math.atan2(gy, gx) - yaw
        bearing = math.atan2(math.sin(bearing), math.cos(bearing))
        free = self._free(margin)
        # Where an arc leads: the direction half a metre on.
        lead = CURVATURES * 0.5
        score = np.minimum(free, 2.0) - 0.5 * np.abs(bearing - np.clip(lead, -1.2, 1.2))
        best = int(np.argmax(score))
        if free[best] < 0.25 or abs(bearing) > 2.0:
            self.command = (0.0, math.copysign(MAX_YAW_RATE, bearing))
            if free[best] < 0.25 and abs(bearing) < 0.3:
                self.goal = None
            return
        v = min(speed, math.sqrt(2 * deceleration * max(0.0, free[best] - 0.05)), MAX_YAW_RATE / max(abs(CURVATURES[best]), 1e-9))
        self.command = (float(v), float(v * CURVATURES[best]))

    def _free(self, margin):
        """The free length of each arc [m]."""
        near = self.points[np.hypot(*self.points.T) < STEP * STEPS + 0.6]
        if not len(near):
            return np.full(len(CURVATURES), STEP * STEPS)
        dx, dy = near[:, 0] - ARC_X[..., None], near[:, 1] - ARC_Y[..., None]
        ahead = ARC_COS[..., None] * dx + ARC_SIN[..., None] * dy
        aside = ARC_COS[..., None] * dy - ARC_SIN[..., None] * dx
        hit = ((np.abs(ahead) < HALF_LENGTH + margin) & (np.abs(aside) < HALF_WIDTH + margin)).any(axis=2)
        first = np.where(hit.any(axis=1), hit.argmax(axis=1), STEPS)
        return STEP * first

    def _choose_goal(self, now, pose):
        """Somewhere in sight; the farther one sees, the likelier."""
        angles, seen = self.free_ahead
        beam = self.random.choices(range(len(seen)), weights=np.minimum(seen, 6.0) ** 2 + 1e-6)[0]
        distance = max(0.8, min(seen[beam], 6.0) * self.random.uniform(0.5, 0.9))
        x, y, yaw = pose
        self.goal = (x + distance * math.cos(yaw + angles[beam]), y + distance * math.sin(yaw + angles[beam]))
        self.goal_until = now + 6.0 + 3.0 * distance
