import { Command, CommanderError } from 'commander'
import type { Host } from '../host.js'
import { createContext, type CommandContext } from './context.js'
import { define as defineTokens } from './definitions/tokens.js'
import { define as defineClient } from './definitions/client.js'
import { define as defineProbe } from './definitions/probe.js'
import { define as defineServers } from './definitions/servers.js'
import { define as defineGateway } from './definitions/gateway.js'
import { define as defineIdp } from './definitions/idp.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { createOptionEnvironment } from './option-environment.js'
import { Outline } from './outline.js'
import { VERSION } from './version.js'

/** What a definition's action calls: loads the command's module, runs it, keeps its exit code. */
export type Start = (load: (context: CommandContext) => Promise<ExitCode>) => Promise<void>

/**
 * Parses one command line and runs its command.
 * @param words arguments without node and script.
 * @throws what the command throws; commander's own complaints are on stderr already and only give the exit code.
 */
export async function runProgram(words: readonly string[], host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.yes
  const start: Start = async (load) => {
    exitCode = await load(await createContext(host))
  }
  try {
    await createProgram(host, start, words[0]).parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage
    throw error
  }
}

/** Who defines which commands. Those that show the whole tree (`complete`, `completion`) are in no list. */
const DEFINITIONS: readonly { readonly commands: readonly string[]; readonly define: (program: Command, start: Start) => void }[] = [
  { commands: ['demo', 'lab'], define: defineServers },
  { commands: ['login', 'token', 'exec', 'store', 'introspect', 'userinfo', 'revoke', 'logout'], define: defineClient },
  { commands: ['decode', 'verify', 'diff', 'mint', 'keys'], define: defineTokens },
  { commands: ['probe'], define: defineProbe },
  { commands: ['gateway'], define: defineGateway },
  { commands: ['idp'], define: defineIdp },
]

const widthOf = ({ isTTY, columns = 80 }: Host['stdout']): number => (isTTY ? columns : 80)

/**
 * The command tree: names and options only, so that `--help` and completion load nothing else.
 * @param wanted the command that will run: then only its neighbours are built, which a loop in a shell script notices.
 */
export function createProgram(host: Pick<Host, 'stdout' | 'stderr' | 'env'>, start: Start, wanted?: string): Command {
  const environment = createOptionEnvironment(host.env)
  const program = new Command('oidcgw')
    .description('Prove that an API gateway enforces OpenID Connect the way you think it does.')
    .version(VERSION, '--version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'oidcgw: ')),
      getOutHelpWidth: () => widthOf(host.stdout),
      getErrHelpWidth: () => widthOf(host.stderr),
      // help has no colours that would have to be taken out again
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .configureHelp({ showGlobalOptions: false, optionDescription: environment.describe })
    .hook('preAction', (_, command) => environment.fill(command))
    .showSuggestionAfterError()
    .helpCommand(false)
    .addHelpText('after', '\nStart here: oidcgw demo')
  if (wanted === '--help' || wanted === '-h') program.createCommand = (name) => new Outline(name)
  const needed = DEFINITIONS.filter(({ commands }) => wanted !== undefined && commands.includes(wanted))
  for (const { define } of needed.length > 0 ? needed : DEFINITIONS) define(program, start)
  const inherit = (command: Command): void => {
    command.copyInheritedSettings(program).exitOverride()
    environment.adopt(command)
    for (const child of command.commands) inherit(child)
  }
  for (const command of program.commands) inherit(command)
  return program
}
