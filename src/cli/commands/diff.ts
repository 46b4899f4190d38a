import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { diffTokens } from '../../jwt/diff.js'
import { findTokens } from '../../jwt/paste.js'
import { readToken, type TokenReading } from '../../jwt/reading.js'
import { diffText } from '../../render/token-diff-text.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { notAToken, readTextInput } from './decode-input.js'

/** `diff A B`: how two tokens differ by meaning. Exit 0 when only times and unique ids differ, else 1. */
export async function diff(a: string, b: string, options: SharedOptions, { host, out }: CommandContext): Promise<ExitCode> {
  if (a === '-' && b === '-')
    throw new OidcgwError('ERR_USAGE', 'only one of the two tokens can come from stdin', { hint: 'Name the other as @FILE' })
  const [left, right] = [await readOne(a, host), await readOne(b, host)]
  const differences = diffTokens(left, right)
  const same = differences.every(({ weight }) => weight === 'expected')
  if (wantsJson(options)) {
    const rows = differences.map((row) => ({ ...row, before: row.before ?? null, after: row.after ?? null }))
    writeJson(host, { schema: 'oidcgw/diff/v1', same, differences: rows })
  } else {
    host.stdout.write(diffText(differences, out))
  }
  return same ? EXIT.yes : EXIT.no
}

async function readOne(argument: string, host: Host): Promise<TokenReading> {
  const { text } = await readTextInput(argument, host)
  const reading = findTokens(text)
    .map(readToken)
    .find(({ form }) => form !== 'opaque')
  if (!reading) throw notAToken(text)
  return reading
}
