# bash completion for lockstep, made by: lockstep completion bash

# A word without its quotes, into the variable `plain` of the caller.
_lockstep_plain()
{
    local text=$1 quote= letter i
    plain=
    for ((i = 0; i < ${#text}; i++)); do
        letter=${text:i:1}
        if [[ $letter == "$quote" ]]; then
            quote=
        elif [[ -z $quote && $letter == [\'\"] ]]; then
            quote=$letter
        elif [[ $letter == \\ && $quote != \' ]]; then
            i=$((i + 1))
            plain+=${text:i:1}
        else
            plain+=$letter
        fi
    done
}

_lockstep()
{
    local rest=${COMP_LINE:0:COMP_POINT} raw= kept= plain= row word before path kind i
    local -a words=()
    COMPREPLY=()
    # Readline parts words at : and = too: pieces that touch are one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${rest#"${rest%%[![:space:]]*}"}
        if [[ $word != "$rest" ]]; then
            _lockstep_plain "$raw"
            words+=("$plain")
            raw=
        fi
        before=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then before=$word; fi
        raw+=$before
        rest=${word#"$before"}
    done
    # It replaces $2 alone: what stands before that is kept.
    [[ $raw == *"$2" ]] && kept=${raw:0:${#raw}-${#2}}
    _lockstep_plain "$kept"
    kept=$plain
    _lockstep_plain "$raw"
    words+=("$plain")
    while IFS= read -r row; do
        word=${row%%$'\t'*}
        if [[ -n $word ]]; then
            word=${word#"$kept"}
            if [[ $word == *[\<\>\!\*[:space:]]* && $raw != [\'\"]* ]]; then
                printf -v word %q "$word"
            fi
            COMPREPLY+=("$word")
            continue
        fi
        before=${row##*$'\t'} # what of the word is no path
        kind=-f
        [[ $row == $'\t'folders* ]] && kind=-d
        while IFS= read -r word; do
            path=$before$word
            if [[ $kept != "$before"* ]]; then # readline would quote that, too
                printf -v path %s%q "$before" "$word"
                [[ -d $word ]] && path+=/
            fi
            COMPREPLY+=("${path#"$kept"}")
        done < <(compgen "$kind" -- "${plain#"$before"}")
        [[ $kept == "$before"* ]] && compopt -o filenames 2>/dev/null
    done < <("${1/#~\//$HOME/}" completion words -- "${words[@]:1}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:\<\>@/] ]]; then
        compopt -o nospace 2>/dev/null # a value follows
    fi
}
complete -F _lockstep lockstep
