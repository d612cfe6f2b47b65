"""
A recorded bag through the nodes that fly, on the bag's own clock; ends with the bag.

    ros2 launch qdistill replay.launch.py bag:=run_7 robot:=neato model:=/models/neato

Without ROS 2, ``qdistill launch replay`` starts the same processes with the same parameters.
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, EmitEvent, ExecuteProcess, IncludeLaunchDescription, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.event_handlers import OnStateTransition

HERE = os.path.dirname(os.path.abspath(__file__))
BOOLEAN = ['true', 'false']


def generate_launch_description():
    onboard = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(os.path.join(HERE, 'onboard.launch.py')),
        launch_arguments=[(name, LaunchConfiguration(name)) for name in (
            'robot', 'model', 'params_file', 'namespace', 'use_sim_time', 'autostart', 'split', 'log_level')])
    return LaunchDescription([
        DeclareLaunchArgument('bag', description='the bag to play'),
        DeclareLaunchArgument('robot', default_value='', description="a robot file, or the name of one in robots/; empty: the one in params_file"),
        DeclareLaunchArgument('model', default_value='', description='a model folder or a student.onnx; empty: the one in params_file'),
        DeclareLaunchArgument('params_file', default_value=os.path.join(HERE, 'params', 'onboard.param.yaml'), description='parameters of the nodes'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of all nodes'),
        DeclareLaunchArgument('use_sim_time', default_value='true', choices=BOOLEAN, description="follow the bag's clock"),
        DeclareLaunchArgument('autostart', default_value='true', choices=BOOLEAN, description='configure and activate the nodes'),
        DeclareLaunchArgument('split', default_value='false', choices=BOOLEAN, description='fusion and inference as two processes'),
        DeclareLaunchArgument('rate', default_value='1.0', description='how many times faster than recorded'),
        DeclareLaunchArgument('loop', default_value='false', choices=BOOLEAN, description='start the bag over at its end'),
        DeclareLaunchArgument('log_level', default_value='info', description='debug, info, warn, error or fatal'),
        OpaqueFunction(function=player),
        onboard,
    ])


def player(context):
    """The player, which starts when all nodes are active, and whose end is the end of everything."""
    def value(name):
        return LaunchConfiguration(name).perform(context)

    # The command line of the installation that this file belongs to.
    qdistill = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), 'bin', 'qdistill')
    play = ExecuteProcess(
        cmd=[qdistill, 'play', value('bag'), '--rate', value('rate'), '--clock', '100'] + (['--loop'] if value('loop') == 'true' else []),
        name='play',
        output='screen')
    nodes, active = 2 if value('split') == 'true' else 1, []

    def one_more(context):
        active.append(True)
        return [play] if len(active) == nodes else []

    # Not before the nodes listen: they would miss the first seconds.
    return [
        RegisterEventHandler(OnStateTransition(goal_state='active', entities=[OpaqueFunction(function=one_more)])),
        RegisterEventHandler(OnProcessExit(target_action=play, on_exit=[EmitEvent(event=Shutdown(reason='the bag has ended'))])),
    ]
