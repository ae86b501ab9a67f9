# Each mutant's text stands in its file exactly once.
if(outdated)
    message(FATAL_ERROR "what these replace stands no more in its file exactly once: ${outdated}; "
                        "write tests/mutants/NAME.txt anew and try tests/mutants/run.sh")
endif()
