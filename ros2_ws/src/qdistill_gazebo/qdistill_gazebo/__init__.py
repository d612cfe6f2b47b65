"""What drives the worlds: the AGV's driver, people, the drone's pilot (all without ROS), the nodes around them, and what the launch files share."""
