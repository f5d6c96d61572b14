import { optionValues, outsiders, quoted, slotValues } from "./notation.ts";
import type { CommandNode } from "./tree.ts";

/**
 * For bash 3.2 (what macOS has) and later. `name` is the program's; `vpcs` are offered while there is no state file.
 * https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
export function bashScript(name: string, nodes: readonly CommandNode[], vpcs: readonly string[]): string {
  const list = (words: readonly string[]) => quoted(words.join(" "));
  const cases = nodes.map((node) => {
    const commands = list(node.commands.map((each) => each.name));
    const flags = list(node.flags.flatMap(({ names }) => names));
    return `    ${quoted(node.line)})
      commands=${commands}
      flags=${flags}
      values=${list(optionValues(node))}
      slots=${list(slotValues(node))} ;;`;
  });
  return `# ${name}'s completion for bash: source <(${name} completion bash)

# What may follow the command that the words in $1 spell.
_${name}_command() {
  case "$1" in
${cases.join("\n")}
  esac
}

# The VPCs of the state file $1.
_${name}_vpcs() {
  local file="$1" names
  case "$file" in '~/'*) file="$HOME/\${file#??}" ;; esac
  names="$(grep -o '"vpc/[a-z0-9-]*"' -- "$file" 2>/dev/null | cut -d/ -f2 | tr -d '"' | sort -u)"
  echo "\${names:-${vpcs.join(" ")}}"
}

_${name}_offer() {
  case "$1" in
    @any) ;;
    @vpcs) COMPREPLY+=($(compgen -W "$(_${name}_vpcs "$state")" -- "$cur")) ;;
    @ends) COMPREPLY+=($(compgen -W "$(_${name}_vpcs "$state") ${outsiders.join(" ")}" -- "$cur")) ;;
    @files)
      local IFS=$'\\n'
      COMPREPLY+=($(compgen -f -- "$cur"))
      compopt -o filenames 2>/dev/null ;;
    *) COMPREPLY+=($(compgen -W "\${1//|/ }" -- "$cur")) ;;
  esac
}

_${name}() {
  local IFS=$' \\t\\n' commands flags values slots
  local line='' want='' option='' word entry i given=0 slot=''
  local cur="\${COMP_WORDS[COMP_CWORD]}" state="\${PEERCTL_STATE:-peerctl.state.json}"
  COMPREPLY=()
  _${name}_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # bash hands over --option=value as three words.
    [[ $word == '=' ]] && continue
    if [[ -n $want ]]; then
      [[ $option == --state ]] && state="$word"
      want=''
    elif [[ $word == -- ]]; then
      return
    elif [[ $word == -* ]]; then
      option="$word"
      for entry in $values; do
        [[ $entry == "$word="* ]] && want="\${entry#*=}"
      done
    elif [[ " $commands " == *" $word "* ]]; then
      line="\${line:+$line }$word"
      given=0
      _${name}_command "$line"
    else
      given=$((given + 1))
    fi
  done
  [[ $cur == '=' ]] && cur=''
  if [[ -n $want ]]; then
    _${name}_offer "$want"
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else
    i=0
    for entry in $slots; do
      [[ $i -eq $given || $entry == *... ]] && [[ -z $slot ]] && slot="\${entry%...}"
      i=$((i + 1))
    done
    [[ $given -eq 0 && -n $commands ]] && COMPREPLY=($(compgen -W "$commands" -- "$cur"))
    [[ -n $slot ]] && _${name}_offer "$slot"
  fi
  return 0
}

complete -F _${name} ${name}
`;
}
