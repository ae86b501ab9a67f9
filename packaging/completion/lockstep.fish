# fish completion for lockstep, made by: lockstep completion fish
function __lockstep_words
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    type -q -- $program
    or return
    set -l typed (commandline -ct)
    # Without its quotes, also when the last one is still missing
    for quote in '' '"' "'"
        set -l plain (string unescape -- "$typed$quote")
        and set typed "$plain"
        and break
    end
    for row in ($program completion words -- $words[2..] "$typed" 2>/dev/null)
        set -l parts (string split \t -- $row)
        if test -n "$parts[1]"
            printf '%s\n' $row
            continue
        end
        # What of the word is no path stays before it
        set -l path (string sub -s (math 1 + (string length -- "$parts[3]")) -- "$typed")
        set -l finder __fish_complete_path
        test "$parts[2]" = folders
        and set finder __fish_complete_directories
        for found in ($finder "$path" '')
            printf '%s%s\n' "$parts[3]" $found
        end
    end
end
complete -c lockstep -f -a '(__lockstep_words)'
