# The scripts of packaging/completion as texts in the binary, so that it works uninstalled.
set(completion_rows "")
foreach(shell bash zsh fish)
    set(file ${PROJECT_SOURCE_DIR}/packaging/completion/lockstep.${shell})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
    string(APPEND completion_rows "static const char ${shell}_text[] =\n    \"${text}\";\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/app/completion_texts.h @ONLY CONTENT
"/* Generated from packaging/completion/ by src/app/completion.cmake. */
@completion_rows@")
target_include_directories(ls_app PRIVATE ${PROJECT_BINARY_DIR}/generated/app)
