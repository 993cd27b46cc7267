# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Completion for bash: commands and options from the client's own tables, regions, flavors and GPU types from the
# broker that runs. Nobody is asked for longer than a second, and nothing is said where nobody answers.

# Splits the line before the cursor as the shell would. Sets, in the caller: words (complete, without quotes), word
# (the one at the cursor, without quotes), quote (the one that is open there) and kept (what of the word stands before
# the place from which readline replaces it: its own words begin behind quotes, ":" and "=").
_gpubroker_split() # LINE
{
	local line=$1 c started='' i

	words=() word='' quote='' kept=''
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $quote == "'" && $c != "'" ]]; then
			word+=$c
		elif [[ $c == \\ ]]; then
			i=$((i + 1)) started=yes
			[[ $quote && ${line:i:1} != [\"\\\$\`] ]] && word+=\\
			word+=${line:i:1}
		elif [[ $c == "$quote" ]]; then
			quote='' kept=$word
		elif [[ $quote ]]; then
			word+=$c
		elif [[ $c == [\"\'] ]]; then
			quote=$c kept=$word started=yes
		elif [[ $c == [$' \t\n'] ]]; then
			[[ $word || $started ]] && words+=("$word")
			word='' kept='' started=''
		else
			word+=$c
			[[ $c == [:=] && $COMP_WORDBREAKS == *"$c"* ]] && kept=$word
		fi
	done
}

# Offers the lines of stdin that begin with the word, quoted as the line is.
_gpubroker_offer() # [SUFFIX, which stands behind each]
{
	local line text c i

	while IFS= read -r line; do
		[[ $line && $line == "$word"* ]] || continue
		text=${line#"$kept"}
		if [[ $quote == '"' ]]; then
			for c in \\ '"' '$' '`'; do
				text=${text//"$c"/\\"$c"}
			done
		elif [[ $quote == "'" ]]; then
			text=${text//"'"/"'\\''"}
		else
			line=$text text=''
			for ((i = 0; i < ${#line}; i++)); do
				c=${line:i:1}
				[[ $c == [][\ \\\"\'\`\$\&\;\|\<\>\(\)\{\}*?!\#~^:=] ]] && text+=\\
				text+=$c
			done
		fi
		COMPREPLY+=("$lead$text${1-}")
	done
}

_gpubroker_ask() # COMMAND… → lines of the broker's
{
	timeout 1 "$program" ${endpoint:+"--endpoint=$endpoint"} "$@" 2>/dev/null </dev/null
}

_gpubroker_flavors()
{
	_gpubroker_ask flavor list ${region:+"--region=$region"} -f value -c name | sort -u
}

# Names of the first clouds.yaml.
_gpubroker_clouds()
{
	local file

	for file in "${OS_CLIENT_CONFIG_FILE-}" clouds.yaml "${XDG_CONFIG_HOME:-$HOME/.config}/openstack/clouds.yaml" \
		/etc/openstack/clouds.yaml; do
		if [[ -r $file ]]; then
			awk '/^clouds:/ { on = 1; next } /^[^ #]/ { on = 0 }
				on && match($0, /^ +[^ #][^:]*:/) {
					n = match($0, /[^ ]/)
					if (!depth) depth = n
					if (n == depth) { gsub(/^ +|:.*$|["\047]/, ""); print }
				}' "$file"
			return
		fi
	done
}

_gpubroker_files() # KIND
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -A "$1" -- "${word#"$kept"}")
}

_gpubroker_value() # ARGUMENT as --describe names it
{
	case $1 in
	REGION) _gpubroker_offer < <(_gpubroker_ask region list -f value -c name) ;;
	'ID|NAME') _gpubroker_offer < <(_gpubroker_flavors) ;;
	NAME=N)
		[[ $word == *=* ]] && return
		compopt -o nospace 2>/dev/null
		# readline closes an open quote itself, behind the name
		_gpubroker_offer "$([[ $quote ]] || echo "=")" < <(_gpubroker_flavors)
		;;
	'TYPE[:N]') _gpubroker_offer < <(_gpubroker_ask gpu list -f value -c type | sort -u) ;;
	FORMAT) _gpubroker_offer < <(printf '%s\n' table json csv value yaml) ;;
	COLUMN)
		local list='flavor list --long'

		[[ $command == 'region '* ]] && list='region list'
		[[ $command == 'gpu '* ]] && list='gpu list'
		# shellcheck disable=SC2086 # several words
		_gpubroker_offer < <(_gpubroker_ask $list -f csv | head -n 1 | tr -d '"\r' | tr , '\n')
		;;
	CLOUD) _gpubroker_offer < <(_gpubroker_clouds) ;;
	FILE) _gpubroker_files file ;;
	DIR) _gpubroker_files directory ;;
	esac
}

# What an option needs: "REGION"; nothing if it is a flag or none of ours.
_gpubroker_argument() # OPTION
{
	awk -F '\t' -v o="$1" '$1 == "option" && ($3 == o || ($4 != "-" && "-" $4 == o)) { print $5; exit }' <<<"$tables"
}

# Reads the complete words: sets command, its operands' name, how many were given, and pending (what an option that
# ends them still needs).
_gpubroker_read_words()
{
	local w option=''

	for w in "${words[@]:1}"; do
		if [[ $pending ]]; then
			w=$option=$w pending=''
		elif [[ $w == -* && $w != --*=* ]]; then
			option=$w
			pending=$(_gpubroker_argument "$w")
		elif [[ $w != -* && $command ]]; then
			n_operands=$((n_operands + 1))
		elif [[ $w != -* ]]; then
			so_far+=${so_far:+ }$w
			command=$(awk -F '\t' -v c="$so_far" '$1 == "command" && $2 == c { print c }' <<<"$tables")
		fi
		case $w in
		--region=*) region=${w#*=} ;;
		--endpoint=*) endpoint=${w#*=} ;;
		esac
	done
	operands=$(awk -F '\t' -v c="$command" '$1 == "command" && $2 == c { print $3 }' <<<"$tables")
}

_gpubroker()
{
	local program=${1:-gpubroker} tables words word quote kept lead='' so_far='' command='' operands='' pending='' \
		n_operands=0 region='' endpoint=''

	COMPREPLY=()
	tables=$("$program" --describe 2>/dev/null) || return 0
	_gpubroker_split "${COMP_LINE:0:COMP_POINT}"
	_gpubroker_read_words
	if [[ $pending ]]; then
		_gpubroker_value "$pending"
	elif [[ $word == --*=* ]]; then
		pending=$(_gpubroker_argument "${word%%=*}")
		[[ $kept ]] || lead=${word%%=*}=
		kept=${kept#*=} word=${word#*=}
		_gpubroker_value "$pending"
	elif [[ $word == -* ]]; then
		_gpubroker_offer < <(
			awk -F '\t' -v c="$command" '$1 == "option" && ($2 == "" || $2 == c) { print $3 }' <<<"$tables"
			[[ $so_far ]] || echo --version
		)
	elif [[ ! $command ]]; then
		_gpubroker_offer < <(awk -F '\t' -v p="${so_far:+$so_far }" '$1 == "command" && index($2, p) == 1 {
			w = substr($2, length(p) + 1); sub(/ .*/, "", w); if (!seen[w]++) print w }' <<<"$tables")
	elif [[ $operands == NAME=N || $n_operands -eq 0 ]]; then
		_gpubroker_value "$operands"
	fi
}

complete -F _gpubroker gpubroker
