package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"contacts/pkg/auth"
)

// completion replaces cobra's own command, whose scripts need the package bash-completion, or a zsh that has been set up.
func completion(out io.Writer) *cobra.Command {
	c := &cobra.Command{Use: "completion {bash|zsh|fish|powershell}", Short: "Print the script by which a shell completes commands and flags",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(c *cobra.Command, words []string) error {
			if len(words) != 1 || cobra.OnlyValidArgs(c, words) != nil {
				return fmt.Errorf("say which shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(c *cobra.Command, words []string) error { return writeCompletion(c.Root(), words[0], out) }}
	c.Long = `Print the script by which a shell completes commands and flags. It needs no further package.

  bash        eval "$(contacts completion bash)"
  zsh         eval "$(contacts completion zsh)"
  fish        contacts completion fish | source
  powershell  contacts completion powershell | Out-String | Invoke-Expression

This lasts as long as the shell; for all shells put the line into ~/.bashrc, ~/.zshrc, ~/.config/fish/config.fish or $PROFILE.`
	return c
}

func writeCompletion(root *cobra.Command, shell string, out io.Writer) error {
	switch shell {
	case "bash":
		if err := root.GenBashCompletionV2(out, true); err != nil {
			return err
		}
		_, err := io.WriteString(out, bashWords)
		return err
	case "zsh":
		if _, err := io.WriteString(out, zshBegin); err != nil {
			return err
		}
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	}
	return root.GenPowerShellCompletionWithDesc(out)
}

// bashWords replaces the functions of cobra's script that need the package bash-completion. Like that, the first sets cur, prev, words and
// cword, and joins words that bash splits at : and =; the second completes folders and files.
const bashWords = `
__contacts_init_completion()
{
    local i word after rest=$COMP_LINE
    COMPREPLY=() words=() cword=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        after=${rest#"${rest%%[![:space:]]*}"}
        if ((i > 0)) && [[ $after == "$rest" && ( $word == [:=]* || ${words[${#words[@]}-1]} == *[:=] ) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        rest=${after#"$word"}
        ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
    done
    cur=${words[cword]} prev=${words[cword > 0 ? cword - 1 : 0]}
}
declare -F _filedir >/dev/null || _filedir()
{
    compopt -o filenames 2>/dev/null
    if [[ $1 == -d ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
`

// zshBegin starts zsh's completion, unless that has been done. The first line is for who stores the script in a folder of fpath.
const zshBegin = `#compdef contacts
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
`

// plainUsage removes the marks of the names of values in the descriptions of flags, as a shell shows them.
func plainUsage(c *cobra.Command) {
	c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
	for _, below := range c.Commands() {
		plainUsage(below)
	}
}

// completeFlags lets the shell complete the values of all flags: folders, files, scopes, or nothing.
func completeFlags(c *cobra.Command) {
	c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		values := cobra.NoFileCompletions
		switch name, _ := pflag.UnquoteUsage(f); name {
		case "folder":
			values = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
		case "file":
			values = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
		case "scope":
			values = cobra.FixedCompletions(auth.AllScopes(), cobra.ShellCompDirectiveNoFileComp)
		}
		if err := c.RegisterFlagCompletionFunc(f.Name, values); err != nil {
			panic(err) // the flag exists, and has none yet
		}
	})
	for _, below := range c.Commands() {
		completeFlags(below)
	}
}
