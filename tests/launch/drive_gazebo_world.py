"""
Drives the AGV through a plan of a Gazebo world with the driver and the people of qdistill_gazebo, and prints what happened as JSON. The plan is read from the world file:
what crosses the lidar's plane is seen, what reaches the bumper's height is hit. No physics: a hit stops the vehicle dead.

    drive_gazebo_world.py PACKAGE WORLD SEED SECONDS
"""

import hashlib
import json
import math
import os
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np

PACKAGE, WORLD, SEED, SECONDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
sys.path.insert(0, PACKAGE)
from qdistill_gazebo.driver import Driver  # noqa: E402
from qdistill_gazebo.people import REACH, WALKING_SPEED, Person  # noqa: E402

LIDAR, BUMPER, RADIUS = 0.26, (0.05, 0.21), 0.22
HALF = (0.3, 0.2)
RATE = 20


def numbers(element, name, count):
    text = element.findtext(name)
    return [float(v) for v in text.split()] if text else [0.0] * count


class Plan:
    """Boxes (x, y, yaw, half length, half width) and circles (x, y, radius) that stand in a world."""

    def __init__(self, file):
        self.boxes, self.circles, self.people = [], [], []
        world = ElementTree.parse(file).getroot().find('world')
        for model in world.findall('model'):
            x, y, z, _, _, yaw = numbers(model, 'pose', 6)
            geometry = model.find('link/collision/geometry')
            if geometry.find('box') is not None:
                l, w, h = numbers(geometry.find('box'), 'size', 3)
                self.boxes.append((model.get('name'), x, y, yaw, l / 2, w / 2, z - h / 2, z + h / 2))
            elif geometry.find('cylinder') is not None:
                h = float(geometry.findtext('cylinder/length'))
                self.circles.append((model.get('name'), x, y, float(geometry.findtext('cylinder/radius')), z - h / 2, z + h / 2))
        for include in world.findall('include'):
            x, y, _, _, _, yaw = numbers(include, 'pose', 6)
            self.people.append((x, y, yaw))

    def gap(self, x, y, radius, without=''):
        """The free distance between a disc and what stands there."""
        best = (math.inf, '')
        for name, bx, by, yaw, hl, hw, *_ in self.boxes:
            if name != without:
                c, s = math.cos(yaw), math.sin(yaw)
                dx, dy = abs(c * (x - bx) + s * (y - by)) - hl, abs(c * (y - by) - s * (x - bx)) - hw
                best = min(best, (math.hypot(max(dx, 0), max(dy, 0)) - radius, name))
        for name, cx, cy, r, *_ in self.circles:
            if name != without:
                best = min(best, (math.hypot(x - cx, y - cy) - r - radius, name))
        return best

    def scan(self, pose, people, angles):
        x, y, yaw = pose
        far = np.full(len(angles), np.inf)
        ux, uy = np.cos(angles + yaw), np.sin(angles + yaw)
        for _, bx, by, byaw, hl, hw, low, high in self.boxes:
            if low <= LIDAR <= high:
                c, s = math.cos(byaw), math.sin(byaw)
                ox, oy = c * (x - bx) + s * (y - by), c * (y - by) - s * (x - bx)
                dx, dy = c * ux + s * uy, c * uy - s * ux
                with np.errstate(divide='ignore', invalid='ignore'):
                    a, b = np.sort(((-hl - ox) / dx, (hl - ox) / dx), axis=0)
                    e, f = np.sort(((-hw - oy) / dy, (hw - oy) / dy), axis=0)
                near, out = np.maximum(a, e), np.minimum(b, f)
                far = np.where((near > 0) & (near <= out) & (near < far), near, far)
        for cx, cy, r in [(c[1], c[2], c[3]) for c in self.circles] + [(px, py, RADIUS) for px, py in people]:
            along = (cx - x) * ux + (cy - y) * uy
            aside = (cx - x) ** 2 + (cy - y) ** 2 - along ** 2
            near = along - np.sqrt(np.maximum(0, r * r - aside))
            far = np.where((aside < r * r) & (near > 0) & (near < far), near, far)
        return far

    def hit(self, pose, people):
        """Whether the vehicle's outline overlaps anything that reaches its bumper, and what."""
        x, y, yaw = pose
        c, s = math.cos(yaw), math.sin(yaw)
        # Points along the outline, 4 cm apart, against every shape, and every shape's corners against the outline: enough for shapes that are larger than that.
        for name, cx, cy, r in [(n, a, b, r) for n, a, b, r, low, high in self.circles] + [('person', px, py, RADIUS) for px, py in people]:
            ax, ay = abs(c * (cx - x) + s * (cy - y)) - HALF[0], abs(c * (cy - y) - s * (cx - x)) - HALF[1]
            if math.hypot(max(ax, 0), max(ay, 0)) < r:
                return name
        for name, bx, by, byaw, hl, hw, low, high in self.boxes:
            if low < BUMPER[1] and high > BUMPER[0] and overlap((x, y, yaw, *HALF), (bx, by, byaw, hl, hw)):
                return name
        return None


def overlap(a, b):
    """Whether two rectangles overlap (separating axes)."""
    def corners(r):
        x, y, yaw, hl, hw = r
        c, s = math.cos(yaw), math.sin(yaw)
        return [(x + c * l - s * w, y + s * l + c * w) for l, w in ((hl, hw), (hl, -hw), (-hl, -hw), (-hl, hw))]
    pa, pb = corners(a), corners(b)
    for yaw in (a[2], a[2] + math.pi / 2, b[2], b[2] + math.pi / 2):
        u, v = math.cos(yaw), math.sin(yaw)
        qa, qb = [u * x + v * y for x, y in pa], [u * x + v * y for x, y in pb]
        if max(qa) < min(qb) or max(qb) < min(qa):
            return False
    return True


def drive(plan):
    driver, angles = Driver(SEED), np.linspace(-3.14159, 3.14159, 360)
    noise = np.random.default_rng(SEED)
    people = [Person(SEED, n + 1) for n in range(len(plan.people))]
    walked = [0.0] * len(people)
    pose, v, w, pressed, hits, distance, commands = (-2.0, 0.0, 0.0), 0.0, 0.0, False, [], 0.0, hashlib.sha256()
    visited, still, longest, moods = set(), 0.0, 0.0, {}

    def places():
        return [(x + math.cos(yaw) * s, y + math.sin(yaw) * s) for (x, y, yaw), s in zip(plan.people, walked)]

    for tick in range(int(SECONDS * RATE)):
        now = 14.0 + tick / RATE
        if tick % 2 == 0:
            driver.see(plan.scan(pose, places(), angles) + noise.normal(0, 0.01, 360), angles[0], angles[1] - angles[0], 0.12, 12.0)
        cv, cw = driver.decide(now, pose, pressed)
        commands.update(f'{cv:.6f} {cw:.6f};'.encode())
        moods[driver.mood] = moods.get(driver.mood, 0) + 1 / (SECONDS * RATE)
        v += max(-1 / RATE, min(1 / RATE, cv - v))
        w += max(-6 / RATE, min(6 / RATE, cw - w))
        before = pressed
        pressed = False
        for i, person in enumerate(people):
            step = person.decide(now) - walked[i]
            was = walked[i]
            walked[i] += math.copysign(min(abs(step), WALKING_SPEED / RATE), step)
            if plan.hit(pose, [places()[i]]) == 'person':
                walked[i], pressed = was, True
                person.touch(now)
        x, y, yaw = pose
        there = (x + v / RATE * math.cos(yaw), y + v / RATE * math.sin(yaw), yaw + w / RATE)
        what = plan.hit(there, places())
        if what:
            v = w = 0.0
            pressed = True
            for i, place in enumerate(places()):
                if plan.hit(there, [place]) == 'person':
                    people[i].touch(now)
        else:
            distance += math.hypot(there[0] - x, there[1] - y)
            pose = there
        if pressed and not before:
            hits.append(what or 'person')
        still = 0.0 if abs(v) > 0.05 or abs(w) > 0.05 else still + 1 / RATE
        longest = max(longest, still)
        visited.add((math.floor(pose[0] / 2), math.floor(pose[1] / 2)))
    return {'distance': distance, 'hits': hits, 'cells': len(visited), 'longest_still': longest, 'moods': moods, 'commands': commands.hexdigest(), 'at': pose}


plan = Plan(os.path.join(PACKAGE, 'worlds', WORLD + '.sdf'))
paths = [min(plan.gap(x + math.cos(yaw) * s, y + math.sin(yaw) * s, RADIUS) for s in np.linspace(-REACH, REACH, 101)) for x, y, yaw in plan.people]
result = {'path_gaps': [p[0] for p in paths], 'start_gap': plan.gap(-2.0, 0.0, math.hypot(*HALF))[0]}
if SECONDS > 0:
    result.update(drive(plan))
print(json.dumps(result))
