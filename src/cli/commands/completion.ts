import { RootCommand, type Command as TabCommand, type Complete } from '@bomb.sh/tab'
import type { Command as Definition, Option } from 'commander'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { loadBook } from '../../profile/cached-book.js'
import type { CommandContext } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell']

/** Prints the script that a shell sources to complete our commands. */
export async function completion(shell: string, { host }: CommandContext): Promise<ExitCode> {
  if (!SHELLS.includes(shell)) throw new OidcgwError('ERR_USAGE', `"${shell}" is not one of ${SHELLS.join(', ')}`)
  intoStdout(host, () => new RootCommand().setup('oidcgw', 'oidcgw', shell))
  return EXIT.yes
}

/** Answers that script: the words so far in, one suggestion a line out. */
export async function complete(words: readonly string[], program: Definition, { host }: CommandContext): Promise<ExitCode> {
  // Suggestions come from what can be read; a broken project file suggests nothing.
  const profiles = await loadBook(host).then(
    (book) => Object.keys(book.profiles),
    () => [],
  )
  const root = new RootCommand()
  describe(root, program, profiles)
  walk(program, '', (path, command) => describe(root.command(path, command.description()), command, profiles))
  intoStdout(host, () => root.parse([...words]))
  return EXIT.yes
}

function walk(command: Definition, path: string, visit: (path: string, command: Definition) => void): void {
  for (const child of command.createHelp().visibleCommands(command)) {
    const full = path ? `${path} ${child.name()}` : child.name()
    visit(full, child)
    walk(child, full, visit)
  }
}

function describe(target: TabCommand, command: Definition, profiles: readonly string[]): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const name = option.long?.slice(2)
    if (!name) continue
    const short = option.short?.slice(1)
    const values = valuesOf(option, profiles)
    if (values) target.option(name, option.description, offer(values), short)
    else target.option(name, option.description, short)
  }
  for (const argument of command.registeredArguments) {
    const values = argument.name() === 'profile' || argument.name() === 'words' ? profiles : argument.argChoices
    target.argument(argument.name(), values && offer(values), argument.variadic)
  }
}

/** Undefined for a flag without a value. */
function valuesOf(option: Option, profiles: readonly string[]): readonly string[] | undefined {
  if (!option.required && !option.optional) return undefined
  return option.long === '--profile' || option.long === '--as' ? profiles : (option.argChoices ?? [])
}

const offer =
  (values: readonly string[]) =>
  (add: Complete): void => {
    for (const value of values) add(value, '')
  }

/** The library writes by console.log only. */
function intoStdout({ stdout }: Pick<Host, 'stdout'>, write: () => void): void {
  const { log } = console
  console.log = (text: string) => void stdout.write(`${text}\n`)
  try {
    write()
  } finally {
    console.log = log
  }
}
