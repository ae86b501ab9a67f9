# A mutant is the product with one safety rule broken, by a text that is replaced when the
# build is configured: the sources themselves carry nothing of it. A specification NAME.txt:
#
#   What is broken, in one line.
#   file src/core/step_move.c
#   run --seeds 1..40 --ops 20 --faults all      within which it must be caught
#   <<<
#   old text, which stands there exactly once
#   ===
#   new text
#   >>>

# Write the broken copy of the file that `spec` names; its path in `copy_out`, the file's own in
# `file_out`, the arguments of the run in `run_out`. Where the text does not stand exactly once
# that is an error, or with MAY_FAIL as last argument an empty `copy_out`.
function(ls_mutant_make spec copy_out file_out run_out)
    get_filename_component(name ${spec} NAME_WE)
    file(READ ${spec} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${spec})
    string(REGEX MATCH "\nfile ([^\n]+)\nrun ([^\n]+)\n<<<\n" head "${text}")
    set(file ${CMAKE_MATCH_1})
    set(run ${CMAKE_MATCH_2})
    string(FIND "${text}" "\n<<<\n" begin)
    string(FIND "${text}" "\n===\n" middle)
    string(FIND "${text}" "\n>>>" end)
    if(NOT head OR middle LESS begin OR end LESS middle)
        message(FATAL_ERROR "mutant ${name}: ${spec} is no specification; see tests/mutants/mutant.cmake")
    endif()
    math(EXPR old_at "${begin} + 5")
    math(EXPR old_length "${middle} - ${old_at}")
    math(EXPR new_at "${middle} + 5")
    math(EXPR new_length "${end} - ${new_at}")
    string(SUBSTRING "${text}" ${old_at} ${old_length} old)
    set(new "")
    if(new_length GREATER 0)
        string(SUBSTRING "${text}" ${new_at} ${new_length} new)
    endif()

    set(source ${PROJECT_SOURCE_DIR}/${file})
    file(READ ${source} code)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    string(FIND "${code}" "${old}" first)
    string(FIND "${code}" "${old}" last REVERSE)
    if(NOT first EQUAL last OR first EQUAL -1)
        set(${copy_out} "" PARENT_SCOPE)
        if("MAY_FAIL" IN_LIST ARGN)
            return()
        endif()
    endif()
    if(first EQUAL -1)
        message(FATAL_ERROR "mutant ${name}: the text to replace does not stand in ${file}; write it anew")
    elseif(NOT first EQUAL last)
        message(FATAL_ERROR "mutant ${name}: the text to replace stands in ${file} more than once; make it longer")
    endif()
    string(REPLACE "${old}" "${new}" code "${code}")
    get_filename_component(base ${file} NAME)
    set(copy ${PROJECT_BINARY_DIR}/mutants/${name}/${base})
    file(CONFIGURE OUTPUT ${copy} CONTENT "${code}" @ONLY)
    set(${copy_out} ${copy} PARENT_SCOPE)
    set(${file_out} ${file} PARENT_SCOPE)
    set(${run_out} ${run} PARENT_SCOPE)
endfunction()
