# Launchers and shared files. No other file in lib/qdistill is executable, or 'ros2 run' would offer it.
set(nodes feature_fusion risk_inference onboard velocity_governor teacher_labeling student_distillation replay_evaluation)

foreach(node ${nodes})
  set(verb "node ${node}")
  set(up ../..)
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/scripts/launcher.in ${CMAKE_CURRENT_BINARY_DIR}/launchers/${node} @ONLY)
endforeach()
set(verb "")
set(up ..)
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/scripts/launcher.in ${CMAKE_CURRENT_BINARY_DIR}/command/qdistill @ONLY)

install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/launchers/ DESTINATION lib/${PROJECT_NAME}
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(PROGRAMS ${CMAKE_CURRENT_BINARY_DIR}/command/qdistill DESTINATION bin)

foreach(folder launch robots models studies)
  if(EXISTS ${repository}/${folder})
    install(DIRECTORY ${repository}/${folder} DESTINATION share/${PROJECT_NAME} PATTERN __pycache__ EXCLUDE)
  endif()
endforeach()
install(DIRECTORY ${repository}/src/qsharp DESTINATION share/${PROJECT_NAME}/src PATTERN tests EXCLUDE)
install(FILES ${repository}/package.json ${repository}/LICENSE DESTINATION share/${PROJECT_NAME})
