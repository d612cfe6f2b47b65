"""
A quadcopter of the X500's size over an airfield of Gazebo, flown by Gazebo's own velocity controller instead of PX4; robots/gazebo_x500.yaml reads it.

    ros2 launch qdistill_gazebo drone.launch.py
    ros2 launch qdistill_gazebo drone.launch.py headless:=true seed:=7 seconds:=300 record:=bags/flight_7
    ros2 launch qdistill_gazebo drone.launch.py --show-args
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from qdistill_gazebo import launching

SHARE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOLEAN = ['true', 'false']

# What robots/gazebo_x500.yaml reads.
RECORDED = ['/drone/odom', '/drone/imu', '/drone/range', '/drone/setpoint', '/drone/battery', '/clock']


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('world', default_value='airfield', description='an SDF file, or the name of one in worlds/; it must load the systems Sensors, Imu and UserCommands'),
        DeclareLaunchArgument('gui', default_value='true', choices=BOOLEAN, description="Gazebo's window; false: only the server"),
        DeclareLaunchArgument('headless', default_value='false', choices=BOOLEAN, description='no window and no display at all: the range finder is rendered through EGL'),
        DeclareLaunchArgument('seed', default_value='1', description="seed of the pilot and of Gazebo's noise"),
        DeclareLaunchArgument('pilot', default_value='true', choices=BOOLEAN, description='fly to random set-points; false: you publish /drone/cmd_vel and /drone/setpoint'),
        DeclareLaunchArgument('model', default_value='', description='a model folder or a student.onnx for the onboard nodes; empty: they are not started'),
        DeclareLaunchArgument('onboard_params_file', default_value='', description="parameters of the onboard nodes; empty: qdistill's own"),
        DeclareLaunchArgument('record', default_value='', description='a new folder for a bag of the topics of robots/gazebo_x500.yaml; empty: nothing is recorded'),
        DeclareLaunchArgument('seconds', default_value='0', description='end everything after so many simulated seconds; 0: never'),
        OpaqueFunction(function=start),
    ])


def start(context):
    """Everything, now that all arguments have values."""
    def value(name):
        return LaunchConfiguration(name).perform(context)

    def on(name):
        return value(name) == 'true'

    seed, model = int(value('seed')), os.path.join(SHARE, 'models', 'qdistill_quadcopter', 'model.sdf')
    actions = []
    # First, as it may find something wrong, and launch would leave behind what it had just started.
    if value('model'):
        parameters = [('params_file', value('onboard_params_file'))] if value('onboard_params_file') else []
        actions.append(launching.onboard('gazebo_x500', 'drone', [('model', value('model')), *parameters]))
    actions += [
        launching.gazebo(launching.world_file(SHARE, value('world')), seed, on('gui'), on('headless')),
        launching.spawn(model, 'drone', ('0', '0', '0.01', '0')),
        launching.bridge(os.path.join(SHARE, 'config', 'drone_bridge.yaml')),
        *launching.sensor_frames(model),
        launching.own('battery', 'drone'),
    ]
    if on('pilot'):
        actions.append(launching.own('pilot', 'drone', seed=seed))
    if value('record'):
        actions.append(launching.recorder(value('record'), RECORDED))
    if float(value('seconds')) > 0:
        actions += launching.stop_after(float(value('seconds')))
    return actions
