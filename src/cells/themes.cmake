# The themes of the project as a table in the binary, so that it works uninstalled.
set(theme_rows "")
set(theme_count 0)
foreach(theme dark light high-contrast cvd-dark cvd-light mono ansi16 solarized-dark solarized-light
        nord gruvbox-dark gruvbox-light)
    set(file ${PROJECT_SOURCE_DIR}/themes/${theme}.ini)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
    string(APPEND theme_rows "    {\"${theme}\",\n     \"${text}\"},\n")
    math(EXPR theme_count "${theme_count} + 1")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/cells/theme_texts.h @ONLY CONTENT
"/* Generated from themes/ by src/cells/themes.cmake. */
static const struct {
    const char *name;
    const char *text;
} ls_theme_texts[] = {
@theme_rows@};
enum { LS_THEME_TEXT_COUNT = @theme_count@ };
")
target_include_directories(ls_cells PRIVATE ${PROJECT_BINARY_DIR}/generated/cells)
