import type { Host } from '../host.js'
import { createContext } from './context.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { plainCommand, type PlainCommand } from './plain.js'
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
    const plain = plainCommand(words, host.env)
    return await (plain ? runPlain(plain, host) : runParsed(words, host))
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

async function runPlain({ command, argument, options }: PlainCommand, host: Host): Promise<ExitCode> {
  const context = await createContext(host)
  switch (command) {
    case 'decode':
      return (await import('./commands/decode.js')).decode(argument, {}, context)
    case 'token':
      return (await import('./commands/token.js')).token([argument], {}, context)
    case 'verify':
      return (await import('./commands/verify.js')).verify(argument, options, context)
  }
}

async function runParsed(words: readonly string[], host: Host): Promise<ExitCode> {
  return (await import('./program.js')).runProgram(words, host)
}
