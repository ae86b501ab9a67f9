#compdef lockstep
# zsh completion for lockstep, made by: lockstep completion zsh
_lockstep() {
    local row word more program=${(Q)words[1]}
    local -a whole begun
    integer found=1
    for row in ${(f)"$(${program/#\~\//$HOME/} completion words -- \
            "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"}; do
        word=${row%%$'\t'*} more=${row#*$'\t'}
        if [[ -n $word ]]; then
            row=${word//:/\\:}${more:+:$more}
            if [[ $word == *[:\<\>@] ]]; then begun+=($row); else whole+=($row); fi
            continue
        fi
        row=${more#*$'\t'} # what stands before the path
        [[ -n $row ]] && compset -p $#row
        case $more in
            folders*) _files -/ && found=0 ;;
            *) _files && found=0 ;;
        esac
    done
    # A value follows what is begun: no blank behind it.
    _describe -t words word whole -- begun -S '' && found=0
    return found
}
if [[ $funcstack[1] == _lockstep ]]; then
    _lockstep "$@" # loaded by compinit
else
    compdef _lockstep lockstep
fi
