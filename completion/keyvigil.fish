# fish completion for keyvigil(1). The program itself knows what fits; all that is done here is to ask it.
function __keyvigil_complete
        set -l words (commandline -opc)
        set -l said ($words[1] complete line $words[2..-1] (commandline -ct) 2>/dev/null)
        if test $status -eq 3
                __fish_complete_path (commandline -ct)
        else
                string join -- \n $said
        end
end

complete -c keyvigil -f -a '(__keyvigil_complete)'
