/**
 * Scripts that teach a shell to complete `pipeline`. Each asks the hidden command `pipeline complete`, which
 * prints a candidate a line, a tab and its description behind it; `:open` last says that no space follows.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

// Bash cuts words at = and :, and replaces only what is behind the last of them.
const BASH = String.raw`# bash completion for pipeline
_pipeline_completion() {
  local line="${'${COMP_LINE:0:COMP_POINT}'}" text current kept
  local -a words
  read -ra words <<< "$line"
  if [[ "$line" == *[[:space:]] ]]; then words+=(""); fi
  current="${'${words[${#words[@]}-1]}'}"
  kept="${'${current%"${current##*[=:]}"}'}"
  COMPREPLY=()
  while IFS=$'\t' read -r text _; do
    if [[ "$text" == ":open" ]]; then compopt -o nospace 2>/dev/null
    else COMPREPLY+=("${'${text#"$kept"}'}")
    fi
  done < <("${'${words[0]}'}" complete -- "${'${words[@]:1}'}" 2>/dev/null)
}
complete -F _pipeline_completion pipeline
`;

const ZSH = String.raw`#compdef pipeline
# zsh completion for pipeline
_pipeline() {
  local line text
  local -a values shown suffix
  while IFS= read -r line; do
    text="${"${line%%$'\\t'*}"}"
    if [[ "$text" == ":open" ]]; then suffix=(-S ''); continue; fi
    values+=("$text")
    if [[ "$line" == *$'\t'?* ]]; then shown+=("$text  -- ${"${line#*$'\\t'}"}"); else shown+=("$text"); fi
  done < <("${'${words[1]}'}" complete -- "${'${(@)words[2,CURRENT]}'}" 2>/dev/null)
  (( $#values )) && compadd -Q -l "${'${suffix[@]}'}" -d shown -a values
}
if [[ "$funcstack[1]" == "_pipeline" ]]; then _pipeline "$@"; else compdef _pipeline pipeline; fi
`;

const FISH = String.raw`# fish completion for pipeline
function __pipeline_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..] 2>/dev/null | string match -v ':open*'
end
complete -c pipeline -f -k -a '(__pipeline_complete)'
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
