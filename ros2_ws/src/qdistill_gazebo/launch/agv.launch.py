"""
The AGV of robots/gazebo_agv.yaml in a warehouse of Gazebo, with people who walk and a driver who is careless now and then.

    ros2 launch qdistill_gazebo agv.launch.py
    ros2 launch qdistill_gazebo agv.launch.py headless:=true seed:=7 seconds:=120 record:=bags/run_7
    ros2 launch qdistill_gazebo agv.launch.py driver:=false model:=/models/agv governor:=true
    ros2 launch qdistill_gazebo agv.launch.py --show-args
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from qdistill_gazebo import launching

SHARE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOLEAN = ['true', 'false']

# What robots/gazebo_agv.yaml reads.
RECORDED = ['/agv/scan', '/agv/odom', '/agv/imu', '/agv/cmd_vel', '/agv/bumper_pressed', '/clock']


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('world', default_value='warehouse', description='an SDF file, or the name of one in worlds/; it must load the systems Sensors, Imu, Contact and UserCommands'),
        DeclareLaunchArgument('x', default_value='-2.0', description='where the AGV starts [m]'),
        DeclareLaunchArgument('y', default_value='0.0', description='where the AGV starts [m]'),
        DeclareLaunchArgument('yaw', default_value='0.0', description='its heading at the start [rad]'),
        DeclareLaunchArgument('gui', default_value='true', choices=BOOLEAN, description="Gazebo's window; false: only the server"),
        DeclareLaunchArgument('headless', default_value='false', choices=BOOLEAN, description='no window and no display at all: the lidar is rendered through EGL'),
        DeclareLaunchArgument('seed', default_value='1', description="seed of the driver, the people and Gazebo's noise"),
        DeclareLaunchArgument('driver', default_value='true', choices=BOOLEAN, description='drive to random goals; false: you publish /agv/cmd_vel'),
        DeclareLaunchArgument('speed', default_value='0.95', description="the driver's full speed [m/s]"),
        DeclareLaunchArgument('people', default_value='true', choices=BOOLEAN, description='people walk about; false: they stand'),
        DeclareLaunchArgument('model', default_value='', description='a model folder or a student.onnx for the onboard nodes; empty: they are not started'),
        DeclareLaunchArgument('onboard_params_file', default_value='', description="parameters of the onboard nodes; empty: qdistill's own"),
        DeclareLaunchArgument('governor', default_value='false', choices=BOOLEAN, description="scale the driver's commands by risk; needs model"),
        DeclareLaunchArgument('record', default_value='', description='a new folder for a bag of the topics of robots/gazebo_agv.yaml; empty: nothing is recorded'),
        DeclareLaunchArgument('seconds', default_value='0', description='end everything after so many simulated seconds; 0: never'),
        OpaqueFunction(function=start),
    ])


def start(context):
    """Everything, now that all arguments have values."""
    def value(name):
        return LaunchConfiguration(name).perform(context)

    def on(name):
        return value(name) == 'true'

    if on('governor') and not value('model'):
        raise RuntimeError('governor:=true needs a model, as it scales commands by the risk that it predicts')
    seed, model = int(value('seed')), os.path.join(SHARE, 'models', 'qdistill_agv', 'model.sdf')
    actions = []
    # First, as it may find something wrong, and launch would leave behind what it had just started.
    if value('model'):
        parameters = [('params_file', value('onboard_params_file'))] if value('onboard_params_file') else []
        governed = [('governor', 'true'), ('cmd_vel_in', '/agv/cmd_vel_raw'), ('cmd_vel_out', '/agv/cmd_vel')] if on('governor') else []
        actions.append(launching.onboard('gazebo_agv', 'agv', [('model', value('model')), *parameters, *governed]))
    actions += [
        launching.gazebo(launching.world_file(SHARE, value('world')), seed, on('gui'), on('headless')),
        launching.spawn(model, 'agv', (value('x'), value('y'), '0.01', value('yaw'))),
        launching.bridge(os.path.join(SHARE, 'config', 'agv_bridge.yaml')),
        *launching.sensor_frames(model),
        launching.own('bumper', 'agv'),
    ]
    if on('driver'):
        remappings = [('cmd_vel', 'cmd_vel_raw')] if on('governor') else []
        actions.append(launching.own('driver', 'agv', remappings, seed=seed, speed=float(value('speed'))))
    if on('people'):
        actions.append(launching.own('people', '', seed=seed))
    if value('record'):
        actions.append(launching.recorder(value('record'), RECORDED))
    if float(value('seconds')) > 0:
        actions += launching.stop_after(float(value('seconds')))
    return actions
