import type { Host } from '../host.js'
import { createContext } from './context.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { VERSION } from './version.js'

/**
 * Runs one command line and returns its exit code. Throws nothing: bad input is one clear line on stderr.
 * @param argv arguments without node and script.
 */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  const words = withImpliedCommand(argv)
  try {
    if (words.length === 1 && words[0] === '--version') {
      host.stdout.write(`${VERSION}\n`)
      return EXIT.yes
    }
    return await (isPlain(words, host.env) ? runPlain(words, host) : runParsed(words, host))
  } catch (error) {
    const { reportError } = await import('./report-error.js')
    return reportError(error, host, argv)
  }
}

/** A bare token means `decode`, a bare URL means `probe`. */
function withImpliedCommand(argv: readonly string[]): readonly string[] {
  const first = argv[0] ?? ''
  if (/^eyJ[\w-]*\.[\w.-]*$/.test(first)) return ['decode', ...argv]
  if (/^https?:\/\//.test(first)) return ['probe', ...argv]
  return argv
}

/** Shared flags by environment: they need the option parser. */
const FLAGS_BY_ENVIRONMENT = /^OIDCGW_(OUTPUT|TIMEOUT|CA_FILE|CERT|KEY|INSECURE|ALLOW_HTTP)$/

/** `decode` and `token` without flags are what scripts run in loops; without the option parser they start in two thirds of the time. */
function isPlain([command, ...rest]: readonly string[], env: Host['env']): boolean {
  if (command !== 'decode' && command !== 'token') return false
  if (rest.length > 1 || (rest[0]?.startsWith('-') && rest[0] !== '-')) return false
  return !Object.keys(env).some((name) => FLAGS_BY_ENVIRONMENT.test(name))
}

async function runPlain([command, argument]: readonly string[], host: Host): Promise<ExitCode> {
  const context = await createContext(host)
  if (command === 'decode') return (await import('./commands/decode.js')).decode(argument, {}, context)
  return (await import('./commands/token.js')).token([argument], {}, context)
}

async function runParsed(words: readonly string[], host: Host): Promise<ExitCode> {
  return (await import('./program.js')).runProgram(words, host)
}
