"""
The nodes that fly: sensors in, calibrated collision risk out.

    ros2 launch qdistill onboard.launch.py robot:=gazebo_agv model:=/models/agv
    ros2 launch qdistill onboard.launch.py --show-args

By default fusion and inference share one process, ``onboard``. ``split:=true`` starts them as two, ``feature_fusion`` and ``risk_inference``.
``governor:=true`` adds ``velocity_governor`` between ``cmd_vel_in`` and ``cmd_vel_out``.
Without ROS 2, ``qdistill launch onboard`` starts the same processes with the same parameters.
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, EmitEvent, LogInfo, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessStart
from launch.events import Shutdown, matches_action
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from lifecycle_msgs.msg import Transition

HERE = os.path.dirname(os.path.abspath(__file__))
BOOLEAN = ['true', 'false']


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('robot', default_value='', description="a robot file, or the name of one in robots/; empty: the one in params_file"),
        DeclareLaunchArgument('model', default_value='', description='a model folder or a student.onnx; empty: the one in params_file'),
        DeclareLaunchArgument('params_file', default_value=os.path.join(HERE, 'params', 'onboard.param.yaml'), description='parameters of the nodes'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of all nodes'),
        DeclareLaunchArgument('use_sim_time', default_value='false', choices=BOOLEAN, description='follow /clock'),
        DeclareLaunchArgument('autostart', default_value='true', choices=BOOLEAN, description='configure and activate the nodes'),
        DeclareLaunchArgument('split', default_value='false', choices=BOOLEAN, description='fusion and inference as two processes'),
        DeclareLaunchArgument('governor', default_value='false', choices=BOOLEAN, description='also scale commands by risk'),
        DeclareLaunchArgument('cmd_vel_in', default_value='cmd_vel_raw', description="the governor's commands in"),
        DeclareLaunchArgument('cmd_vel_out', default_value='cmd_vel', description="the governor's commands out"),
        DeclareLaunchArgument('respawn', default_value='false', choices=BOOLEAN, description='start a node that ended again, after 2 s'),
        DeclareLaunchArgument('log_level', default_value='info', description='debug, info, warn, error or fatal'),
        OpaqueFunction(function=nodes),
    ])


def nodes(context):
    """The nodes, now that all arguments have values."""
    def value(name):
        return LaunchConfiguration(name).perform(context)

    robot = {'robot': robot_file(value('robot'))} if value('robot') else {}
    model = {'model': value('model')} if value('model') else {}
    if value('split') == 'true':
        wanted = [
            ('feature_fusion', robot, []),
            ('risk_inference', {**robot, **model}, [('~/input/features', 'feature_fusion/output/features')]),
        ]
        risk = 'risk_inference/output/collision_risk'
    else:
        wanted = [('onboard', {**robot, **model}, [])]
        risk = 'onboard/output/collision_risk'
    if value('governor') == 'true':
        remappings = [('~/input/cmd_vel', value('cmd_vel_in')), ('~/output/cmd_vel', value('cmd_vel_out')), ('~/input/collision_risk', risk)]
        wanted.append(('velocity_governor', {}, remappings))

    actions = []
    for name, parameters, remappings in wanted:
        node = LifecycleNode(
            package='qdistill',
            executable=name,
            name=name,
            namespace=value('namespace'),
            # This file does what the nodes' own autostart would.
            parameters=[value('params_file'), {'use_sim_time': value('use_sim_time') == 'true', 'autostart': False, **parameters}],
            remappings=remappings,
            arguments=['--ros-args', '--log-level', value('log_level')],
            respawn=value('respawn') == 'true',
            respawn_delay=2.0,
            output='screen')
        if value('autostart') == 'true':
            actions += bring_up(node, name)
        actions.append(node)
    return actions


def bring_up(node, name):
    """Configures a node when its process has started (also anew), activates it once it is configured, and ends everything when it cannot be."""
    def change(transition):
        return EmitEvent(event=ChangeState(lifecycle_node_matcher=matches_action(node), transition_id=transition))

    failed = [LogInfo(msg=name + ' cannot be configured: see its log above'), EmitEvent(event=Shutdown(reason=name + ' cannot be configured'))]
    return [
        RegisterEventHandler(OnProcessStart(target_action=node, on_start=[change(Transition.TRANSITION_CONFIGURE)])),
        RegisterEventHandler(OnStateTransition(
            target_lifecycle_node=node, start_state='configuring', goal_state='inactive', entities=[change(Transition.TRANSITION_ACTIVATE)])),
        RegisterEventHandler(OnStateTransition(
            target_lifecycle_node=node, start_state='configuring', goal_state='unconfigured', entities=failed)),
    ]


def robot_file(robot):
    """A robot's file, also where only the name of a shipped one is given."""
    if os.path.exists(robot) or '/' in robot or robot.endswith('.yaml'):
        return robot
    shipped = os.path.join(os.path.dirname(HERE), 'robots')
    file = os.path.join(shipped, robot + '.yaml')
    if not os.path.exists(file):
        known = ', '.join(sorted(f[:-5] for f in os.listdir(shipped) if f.endswith('.yaml')))
        raise RuntimeError(f"there is no robot '{robot}'; known are {known}, or give a robot file")
    return file
