import { Command, CommanderError } from 'commander'
import type { Host } from '../host.js'
import type { CommandContext } from './context.js'
import { define as defineTokens } from './definitions/tokens.js'
import { define as defineClient } from './definitions/client.js'
import { define as defineProbe } from './definitions/probe.js'
import { define as defineServers } from './definitions/servers.js'
import { define as defineGateway } from './definitions/gateway.js'
import { define as defineIdp } from './definitions/idp.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { VERSION } from './version.js'

/** What a definition's action calls: loads the command's module, runs it, keeps its exit code. */
export type Start = (load: (context: CommandContext) => Promise<ExitCode>) => Promise<void>

/**
 * Runs one command line and returns its exit code. Throws nothing: bad input is one clear line on stderr.
 * @param argv arguments without node and script.
 */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.yes
  const start: Start = async (load) => {
    const { createPalette } = await import('../render/palette.js')
    const [out, err] = await Promise.all([createPalette(host.stdout, host.env), createPalette(host.stderr, host.env)])
    exitCode = await load({ host, out, err })
  }
  try {
    await createProgram(host, start).parseAsync([...withImpliedCommand(argv)], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage
    const { reportError } = await import('./report-error.js')
    return reportError(error, host, argv)
  }
}

/** The whole command tree: names and options only, so that `--help` and completion load nothing else. */
export function createProgram(host: Pick<Host, 'stdout' | 'stderr'>, start: Start): Command {
  const program = new Command('oidcgw')
    .description('Prove that an API gateway enforces OpenID Connect the way you think it does.')
    .version(VERSION, '--version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'oidcgw: ')),
    })
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .helpCommand(false)
    .addHelpText('after', '\nStart here: oidcgw demo')
  for (const define of [defineServers, defineClient, defineTokens, defineProbe, defineGateway, defineIdp]) define(program, start)
  const inherit = (command: Command): void => {
    command.copyInheritedSettings(program).exitOverride()
    for (const child of command.commands) inherit(child)
  }
  for (const command of program.commands) inherit(command)
  return program
}

/** A bare token means `decode`, a bare URL means `probe`. */
function withImpliedCommand(argv: readonly string[]): readonly string[] {
  const first = argv[0] ?? ''
  if (/^eyJ[\w-]*\.[\w.-]*$/.test(first)) return ['decode', ...argv]
  if (/^https?:\/\//.test(first)) return ['probe', ...argv]
  return argv
}
