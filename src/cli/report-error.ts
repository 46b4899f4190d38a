import { DocumentError, OidcgwError } from '../errors.js'
import type { Host } from '../host.js'
import { redactText } from '../http/redact.js'
import { EXIT, EXIT_CODES, type ExitCode } from './exit-codes.js'

/** Tells a person what went wrong in one line and what to do in another, and a script by the exit code. */
export function reportError(error: unknown, host: Pick<Host, 'stderr' | 'env'>, argv: readonly string[]): ExitCode {
  const say = (text: string) => void host.stderr.write(`${redactText(text)}\n`)
  if (isOurs(error, DocumentError) && 'issues' in error) {
    for (const line of error.message.split('\n')) say(`oidcgw: ${line}`)
    if (error.hint) say(`  hint: ${error.hint}`)
    return EXIT_CODES[error.code]
  }
  if (isOurs(error, OidcgwError)) {
    say(`oidcgw: ${error.where ? `${error.where}: ` : ''}${error.message}`)
    if (error.hint) say(`  hint: ${error.hint}`)
    return EXIT_CODES[error.code]
  }
  const verbose = argv.some((argument) => /^-v+$|^--verbose$/.test(argument))
  say(`oidcgw: unexpected: ${error instanceof Error ? error.message : String(error)}`)
  if (verbose && error instanceof Error && error.stack) say(error.stack)
  else say('  hint: this is a bug in oidcgw; run again with -v for the stack and report it')
  return EXIT.bug
}

/** By name: a command bundled into a file of its own brings its own copy of the class. */
function isOurs<T extends OidcgwError>(error: unknown, _class: new (...args: never[]) => T): error is T {
  return error instanceof Error && error.name === 'OidcgwError' && 'code' in error
}
