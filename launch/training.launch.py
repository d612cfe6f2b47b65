"""
The offline nodes: label bags with a quantum teacher, distil students, judge models, each as an action.

    ros2 launch qdistill training.launch.py params_file:=my.param.yaml
    ros2 launch qdistill training.launch.py bag:=run_7 model:=/models/agv
    ros2 action send_goal --feedback /teacher_labeling/label_bag qdistill_msgs/action/LabelBag '{bag: run_7, output: labelled}'

Without ROS 2, ``qdistill launch training`` starts the same processes with the same parameters.
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

HERE = os.path.dirname(os.path.abspath(__file__))
BOOLEAN = ['true', 'false']
NODES = ['teacher_labeling', 'student_distillation', 'replay_evaluation']


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('bag', default_value='', description='a bag or a folder of bags that replay_evaluation judges at the start, by model; empty: the one in params_file'),
        DeclareLaunchArgument('model', default_value='', description='a model folder or a student.onnx; empty: the one in params_file'),
        DeclareLaunchArgument('params_file', default_value=os.path.join(HERE, 'params', 'training.param.yaml'), description='parameters of the nodes'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of all nodes'),
        DeclareLaunchArgument('use_sim_time', default_value='false', choices=BOOLEAN, description='follow /clock'),
        DeclareLaunchArgument('autostart', default_value='true', choices=BOOLEAN, description='judge bag by model when both are given; false: wait for goals'),
        DeclareLaunchArgument('respawn', default_value='false', choices=BOOLEAN, description='start a node that ended again, after 2 s'),
        DeclareLaunchArgument('log_level', default_value='info', description='debug, info, warn, error or fatal'),
        OpaqueFunction(function=nodes),
    ])


def nodes(context):
    """The nodes, now that all arguments have values."""
    def value(name):
        return LaunchConfiguration(name).perform(context)

    evaluation = {name: value(name) for name in ('bag', 'model') if value(name)}
    if value('autostart') == 'false':
        evaluation = {'autostart': False, **evaluation}

    return [
        Node(
            package='qdistill',
            executable=name,
            name=name,
            namespace=value('namespace'),
            parameters=[value('params_file'), {'use_sim_time': value('use_sim_time') == 'true', **(evaluation if name == 'replay_evaluation' else {})}],
            arguments=['--ros-args', '--log-level', value('log_level')],
            respawn=value('respawn') == 'true',
            respawn_delay=2.0,
            output='screen')
        for name in NODES
    ]
