import { optionValues, outsiders, quoted, slotValues } from "./notation.ts";
import type { CommandNode } from "./tree.ts";

/**
 * Works sourced and as a file `_NAME` in the fpath. `vpcs` are offered while there is no state file.
 * https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 */
export function zshScript(name: string, nodes: readonly CommandNode[], vpcs: readonly string[]): string {
  // _describe splits at the first colon.
  const described = (word: string, text: string) => quoted(`${word}:${text}`);
  const cases = nodes.map((node) => {
    const commands = node.commands.map((each) => described(each.name, each.summary));
    const flags = node.flags.flatMap(({ names, description }) =>
      names.map((each) => described(each, description)),
    );
    return `    (${quoted(node.line)})
      commands=(${commands.join(" ")})
      flags=(${flags.join(" ")})
      values=(${optionValues(node).map(quoted).join(" ")})
      slots=(${slotValues(node).map(quoted).join(" ")}) ;;`;
  });
  return `#compdef ${name}
# ${name}'s completion for zsh: source <(${name} completion zsh)

# What may follow the command that the words in $1 spell.
_${name}_command() {
  case "$1" in
${cases.join("\n")}
  esac
}

# The VPCs of the state file $1, one a line.
_${name}_vpcs() {
  local file="$1" names
  [[ $file == '~/'* ]] && file="$HOME/\${file#??}"
  names="$(grep -o '"vpc/[a-z0-9-]*"' -- "$file" 2>/dev/null | cut -d/ -f2 | tr -d '"' | sort -u)"
  print -r -- "\${names:-${vpcs.join("\n")}}"
}

_${name}_offer() {
  local -a names
  case "$1" in
    (@any) _message value; return 1 ;;
    (@files) _files; return ;;
    (@vpcs) names=(\${(f)"$(_${name}_vpcs "$state")"}) ;;
    (@ends) names=(\${(f)"$(_${name}_vpcs "$state")"} ${outsiders.join(" ")}) ;;
    (*) names=("\${(@s:|:)1}") ;;
  esac
  compadd -a names
}

_${name}() {
  local -a commands flags values slots
  local line='' want='' option='' word entry slot=''
  local cur="\${words[CURRENT]}" state="\${PEERCTL_STATE:-peerctl.state.json}"
  integer i given=0 found=1
  _${name}_command ''
  for ((i = 2; i < CURRENT; i++)); do
    word="\${(Q)words[i]}"
    if [[ -n $want ]]; then
      [[ $option == --state ]] && state="$word"
      want=''
    elif [[ $word == -- ]]; then
      return 1
    elif [[ $word == --*=* ]]; then
      [[ $word == --state=* ]] && state="\${word#*=}"
    elif [[ $word == -* ]]; then
      option="$word"
      want="\${\${values[(r)$word=*]}#*=}"
    elif [[ -n \${commands[(r)$word:*]} ]]; then
      line="\${line:+$line }$word"
      given=0
      _${name}_command "$line"
    else
      given+=1
    fi
  done
  if [[ -z $want && $cur == --*=* ]]; then
    want="\${\${values[(r)\${cur%%=*}=*]}#*=}"
    compset -P '*='
    [[ -z $want ]] && return 1
  fi
  if [[ -n $want ]]; then
    _${name}_offer "$want"
    return
  fi
  if [[ $cur == -* ]]; then
    _describe -o option flags
    return
  fi
  slot="\${slots[given + 1]:-\${slots[(r)*...]}}"
  if ((given == 0 && $#commands)); then
    _describe -t commands command commands && found=0
  fi
  if [[ -n $slot ]]; then
    _${name}_offer "\${slot%...}" && found=0
  fi
  return found
}

if [[ \${funcstack[1]} == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}
