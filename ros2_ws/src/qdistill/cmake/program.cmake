# The .NET program and what it takes from npm.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(dotnet_arch arm64)
else()
  set(dotnet_arch x64)
endif()

# node_modules: interface definitions for the code generator, the Q# compiler, ONNX Runtime's library, chart libraries.
set(npm_needed "")
set(node_modules "${QDISTILL_NODE_MODULES}")
if(NOT node_modules)
  find_program(NPM npm REQUIRED)
  set(npm_folder ${CMAKE_CURRENT_BINARY_DIR}/npm)
  set(node_modules ${npm_folder}/node_modules)
  add_custom_command(
    OUTPUT ${node_modules}/.package-lock.json
    COMMAND ${CMAKE_COMMAND} -E make_directory ${npm_folder}
    COMMAND ${CMAKE_COMMAND} -E copy ${repository}/package.json ${repository}/package-lock.json ${npm_folder}
    COMMAND ${NPM} ci --ignore-scripts --omit=dev --no-audit --no-fund --prefix ${npm_folder}
    DEPENDS ${repository}/package.json ${repository}/package-lock.json
    COMMENT "npm ci"
    VERBATIM)
  set(npm_needed ${node_modules}/.package-lock.json)
endif()
set(onnxruntime ${node_modules}/onnxruntime-node/bin/napi-v6/linux/${dotnet_arch}/libonnxruntime.so.1)

# Build products stay in the colcon build folder: the repository's own build tree is neither used nor touched.
set(program ${CMAKE_CURRENT_BINARY_DIR}/program)
set(publish ${CMAKE_COMMAND} -E copy_directory "${QDISTILL_PUBLISHED}" ${program})
if(NOT QDISTILL_PUBLISHED)
  find_program(DOTNET dotnet REQUIRED)
  set(publish ${DOTNET} publish ${repository}/src/QDistill.Cli/QDistill.Cli.csproj -c Release -o ${program} --nologo -v quiet
    -p:ArtifactsPath=${CMAKE_CURRENT_BINARY_DIR}/dotnet/ -p:NodeModules=${node_modules})
  if(QDISTILL_SELF_CONTAINED)
    list(APPEND publish --self-contained true -r linux-${dotnet_arch} -p:RestorePackagesWithLockFile=false)
  endif()
endif()

# The nodes that fly, as one native binary that needs no .NET on the robot.
set(publish_onboard ${CMAKE_COMMAND} -E true)
if(QDISTILL_NATIVE_ONBOARD)
  find_program(DOTNET dotnet REQUIRED)
  set(publish_onboard ${DOTNET} publish ${repository}/src/QDistill.Onboard.Host/QDistill.Onboard.Host.csproj -c Release -r linux-${dotnet_arch} -o ${program}
    --nologo -v quiet -p:PublishAot=true -p:DebugType=none -p:RestorePackagesWithLockFile=false
    -p:ArtifactsPath=${CMAKE_CURRENT_BINARY_DIR}/dotnet_native/ -p:NodeModules=${node_modules})
endif()

# The program's folder gets all native libraries, so that it is whole also where 'colcon build --symlink-install' makes links to it.
set(native_files "")
foreach(target ${native_targets})
  list(APPEND native_files $<TARGET_FILE:${target}>)
endforeach()
add_custom_target(qdistill_program ALL
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${program}
  COMMAND ${publish}
  COMMAND ${publish_onboard}
  COMMAND ${CMAKE_COMMAND} -E copy ${native_files} ${onnxruntime} ${program}
  DEPENDS ${npm_needed} ${native_targets}
  COMMENT "dotnet publish"
  VERBATIM)

install(DIRECTORY ${program}/ DESTINATION opt/${PROJECT_NAME} USE_SOURCE_PERMISSIONS
  PATTERN "*.xml" EXCLUDE
  PATTERN "*.dbg" EXCLUDE)
install(DIRECTORY ${node_modules}/ DESTINATION share/${PROJECT_NAME}/node_modules
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
  PATTERN onnxruntime-node EXCLUDE
  PATTERN playwright-core EXCLUDE
  PATTERN .bin EXCLUDE)
