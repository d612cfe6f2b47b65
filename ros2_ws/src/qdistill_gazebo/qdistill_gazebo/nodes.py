"""The nodes around driver, people and pilot, and the two that bring what Gazebo says to what ROS means. All run on simulated time when use_sim_time is set."""

import math
import signal

import rclpy
from geometry_msgs.msg import PoseStamped, Twist
from nav_msgs.msg import Odometry
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import BatteryState, LaserScan
from std_msgs.msg import Bool, Float64

from qdistill_gazebo.driver import Driver
from qdistill_gazebo.people import Person
from qdistill_gazebo.pilot import Pilot

RATE = 20.0


def yaw_of(q):
    """The heading [rad] of a quaternion."""
    return math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))


class TimedNode(Node):
    """A node with work to do at a fixed rate of its clock, which is simulated time when use_sim_time is set."""

    def __init__(self, name, rate=RATE):
        super().__init__(name)
        self.create_timer(1 / rate, self.tick)

    def now(self):
        """The time [s]."""
        return self.get_clock().now().nanoseconds * 1e-9


class Bumper(TimedNode):
    """
    Whether the bumper was pressed since the last tick, 20 times a second.

    Gazebo's contact sensor speaks only during contact, and its TouchPlugin says true once and then switches itself off: neither tells a dead topic from no contact.
    """

    def __init__(self):
        # The package of this type comes with the bridge.
        from ros_gz_interfaces.msg import Contacts
        super().__init__('bumper')
        self.pressed = False
        self.publisher = self.create_publisher(Bool, 'bumper_pressed', 10)
        self.create_subscription(Contacts, 'bumper', self.on_contacts, 10)

    def on_contacts(self, message):
        self.pressed |= len(message.contacts) > 0

    def tick(self):
        self.publisher.publish(Bool(data=self.pressed))
        self.pressed = False


class DriverNode(TimedNode):
    """Drives the AGV to random goals."""

    def __init__(self):
        super().__init__('driver')
        seed = self.declare_parameter('seed', 1).value
        speed = self.declare_parameter('speed', 0.95).value
        self.driver, self.pose, self.pressed = Driver(seed, speed), None, False
        self.publisher = self.create_publisher(Twist, 'cmd_vel', 10)
        self.create_subscription(LaserScan, 'scan', self.on_scan, 10)
        self.create_subscription(Odometry, 'odom', self.on_odometry, 10)
        self.create_subscription(Bool, 'bumper_pressed', self.on_bumper, 10)

    def on_scan(self, m):
        self.driver.see(m.ranges, m.angle_min, m.angle_increment, m.range_min, m.range_max)

    def on_odometry(self, m):
        p = m.pose.pose
        self.pose = (p.position.x, p.position.y, yaw_of(p.orientation))

    def on_bumper(self, m):
        self.pressed = m.data

    def tick(self):
        command = Twist()
        if self.pose is not None:
            command.linear.x, command.angular.z = self.driver.decide(self.now(), self.pose, self.pressed)
        self.publisher.publish(command)


class PeopleNode(TimedNode):
    """Tells people where to walk, and those whom the AGV's bumper touches to turn back."""

    def __init__(self):
        from ros_gz_interfaces.msg import Contacts
        super().__init__('people', rate=5.0)
        seed = self.declare_parameter('seed', 1).value
        count = self.declare_parameter('count', 3).value
        self.people = [(Person(seed, n), self.create_publisher(Float64, f'/people/person_{n}/walk_to', 10)) for n in range(1, count + 1)]
        self.create_subscription(Contacts, '/agv/bumper', self.on_contacts, 10)

    def on_contacts(self, message):
        names = {name for c in message.contacts for name in (c.collision1.name, c.collision2.name)}
        for number, (person, _) in enumerate(self.people, 1):
            # person_1::body::body
            if any(name.startswith(f'person_{number}::') for name in names):
                person.touch(self.now())

    def tick(self):
        for person, publisher in self.people:
            publisher.publish(Float64(data=person.decide(self.now())))


class PilotNode(TimedNode):
    """Flies the drone."""

    def __init__(self):
        super().__init__('pilot')
        self.pilot, self.pose = Pilot(self.declare_parameter('seed', 1).value), None
        self.commands = self.create_publisher(Twist, 'cmd_vel', 10)
        self.set_points = self.create_publisher(PoseStamped, 'setpoint', 10)
        self.create_subscription(Odometry, 'odom', self.on_odometry, 10)

    def on_odometry(self, m):
        p = m.pose.pose
        self.pose = ((p.position.x, p.position.y, p.position.z), yaw_of(p.orientation))

    def tick(self):
        if self.pose is None:
            return
        command, wanted = Twist(), PoseStamped()
        command.linear.x, command.linear.y, command.linear.z, command.angular.z = self.pilot.decide(self.now(), *self.pose)
        wanted.header.stamp = self.get_clock().now().to_msg()
        wanted.header.frame_id = 'odom'
        wanted.pose.position.x, wanted.pose.position.y, wanted.pose.position.z = (float(v) for v in self.pilot.set_point)
        wanted.pose.orientation.w = 1.0
        self.commands.publish(command)
        self.set_points.publish(wanted)


class Battery(Node):
    """Gazebo's battery gives its charge in per cent; ROS wants 0 to 1."""

    def __init__(self):
        super().__init__('battery')
        self.publisher = self.create_publisher(BatteryState, 'battery', 10)
        self.create_subscription(BatteryState, 'battery_percent', self.on_battery, 10)

    def on_battery(self, m):
        m.percentage /= 100.0
        self.publisher.publish(m)


class StopAfter(TimedNode):
    """Ends after so many seconds of its clock; the launch ends with it."""

    def __init__(self):
        super().__init__('stop_after')
        self.seconds, self.end, self.done = self.declare_parameter('seconds', 0.0).value, None, False

    def tick(self):
        # Simulated time is 0 until the first message of /clock.
        if self.end is None and self.now() > 0:
            self.end = self.now() + self.seconds
        self.done = self.end is not None and self.now() >= self.end


def run(make):
    """
    Runs a node until SIGINT, SIGTERM or its own end.

    The signals are this function's own: rclpy's handlers shut the context down beneath the executor, which then fails, or waits, depending on where it was.
    """
    ended = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True))
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node, executor = make(), SingleThreadedExecutor()
    executor.add_node(node)
    while not ended and not getattr(node, 'done', False):
        executor.spin_once(timeout_sec=0.1)
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown()
