# print.cmake: what BINARY prints with ARGUMENTS into OUTPUT.
execute_process(COMMAND ${BINARY} ${ARGUMENTS} OUTPUT_FILE ${OUTPUT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
    file(REMOVE ${OUTPUT})
    message(FATAL_ERROR "${BINARY} ${ARGUMENTS} ended with ${status}")
endif()
