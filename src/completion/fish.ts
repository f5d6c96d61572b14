import { optionValues, outsiders, slotValues } from "./notation.ts";
import type { CommandNode } from "./tree.ts";

/**
 * For fish 3.1 and later. `vpcs` are offered while there is no state file.
 * https://fishshell.com/docs/current/completions.html
 */
export function fishScript(name: string, nodes: readonly CommandNode[], vpcs: readonly string[]): string {
  const described = (word: string, text: string) => `${quoted(word)}\\t${quoted(text)}`;
  const set = (variable: string, items: readonly string[]) =>
    `            ${["set -g", `__${name}_${variable}`, ...items].join(" ")}`;
  const cases = nodes.map((node) => {
    const flags = node.flags.flatMap(({ names, description }) =>
      names.map((each) => described(each, description)),
    );
    return `        case ${quoted(node.line)}
${set(
  "commands",
  node.commands.map((each) => described(each.name, each.summary)),
)}
${set("flags", flags)}
${set("values", optionValues(node).map(quoted))}
${set("slots", slotValues(node).map(quoted))}`;
  });
  return `# ${name}'s completion for fish: ${name} completion fish | source

# What may follow the command that the words in $argv[1] spell.
function __${name}_command
    switch "$argv[1]"
${cases.join("\n")}
    end
end

# The VPCs of the state file $argv[1], one a line.
function __${name}_vpcs
    set -l file (string replace -r '^~/' "$HOME/" -- $argv[1])
    set -l names (grep -o '"vpc/[a-z0-9-]*"' -- $file 2>/dev/null | cut -d/ -f2 | tr -d '"' | sort -u)
    if test (count $names) -eq 0
        set names ${vpcs.join(" ")}
    end
    printf '%s\\n' $names
end

# What the value written as $argv[1] may be, each behind $argv[2]; $argv[3] is the state file.
function __${name}_offer
    switch "$argv[1]"
        case @any
        case @vpcs
            printf "$argv[2]%s\\n" (__${name}_vpcs $argv[3])
        case @ends
            printf "$argv[2]%s\\n" (__${name}_vpcs $argv[3]) ${outsiders.join(" ")}
        case @files
            set -l start (string unescape -- (commandline -ct) | string replace -- "$argv[2]" '')
            __fish_complete_path $start | string replace -r '^' -- "$argv[2]"
        case '*'
            printf "$argv[2]%s\\n" (string split '|' -- $argv[1])
    end
end

# The value that option $argv[1] takes, if it takes one.
function __${name}_value
    for entry in $__${name}_values
        if string match -q -- "$argv[1]=*" $entry
            string replace -r '^[^=]*=' '' -- $entry
        end
    end
end

function __${name}_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l state peerctl.state.json
    set -q PEERCTL_STATE; and set state $PEERCTL_STATE
    set -l line
    set -l want
    set -l option
    set -l given 0
    __${name}_command ''
    for word in $words[2..-1]
        if test -n "$want"
            test "$option" = --state; and set state $word
            set want
        else if test "$word" = --
            return
        else if string match -q -- '--*=*' $word
            string match -q -- '--state=*' $word; and set state (string replace -- '--state=' '' $word)
        else if string match -q -- '-*' $word
            set option $word
            set want (__${name}_value $word)
        else if string match -q -- "$word"\\t'*' $__${name}_commands
            set -a line $word
            set given 0
            __${name}_command "$line"
        else
            set given (math $given + 1)
        end
    end
    if test -n "$want"
        __${name}_offer $want '' $state
    else if string match -q -- '--*=*' $cur
        set -l start (string replace -r '=.*' '' -- $cur)
        set want (__${name}_value $start)
        test -n "$want"; and __${name}_offer $want "$start=" $state
    else if string match -q -- '-*' $cur
        printf '%s\\n' $__${name}_flags
    else
        test $given -eq 0; and printf '%s\\n' $__${name}_commands
        set -l slot $__${name}_slots[(math $given + 1)]
        test -z "$slot"; and set slot (string match -- '*...' $__${name}_slots)
        test -n "$slot"; and __${name}_offer (string replace -r '\\.\\.\\.$' '' -- $slot) '' $state
    end
end

complete -c ${name} -f -a '(__${name}_complete)'
`;
}

/** fish's single quotes know two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
