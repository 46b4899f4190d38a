import { OidcgwError } from '../../errors.js'
import { findTokens } from '../../jwt/paste.js'
import { readToken, type TokenReading } from '../../jwt/reading.js'
import { tokenJson } from '../../render/token-json.js'
import { tokenText } from '../../render/token-text.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readTextInput } from './decode-input.js'

export const DECODE_SCHEMA = 'oidcgw/decode/v1'

/** `decode [TOKEN|-|@FILE]`: reads, never asks the network, believes nothing. */
export async function decode(argument: string | undefined, options: SharedOptions, { host, out }: CommandContext): Promise<ExitCode> {
  const { text } = await readTextInput(argument, host)
  const readings = findTokens(text)
    .map(readToken)
    .filter(({ form }) => form !== 'opaque')
  const [first, ...others] = readings
  if (!first) throw notAToken(text)
  const now = host.now()
  if (wantsJson(options)) {
    writeJson(host, { schema: DECODE_SCHEMA, ...tokenJson(first, now), others: others.map((reading) => tokenJson(reading, now)) })
  } else if (options.output === 'raw') {
    for (const reading of readings) host.stdout.write(`${rawPayload(reading)}\n`)
  } else {
    host.stdout.write(readings.map((reading) => tokenText(reading, { now, palette: out })).join('\n'))
  }
  return EXIT.yes
}

/** One line of JSON where the payload is JSON, else the payload as it is. */
function rawPayload({ payload, payloadBytes }: TokenReading): string {
  return payload ? JSON.stringify(payload) : (payloadBytes?.toString('utf8') ?? '')
}

/** Says what the text is not, without showing it. */
export function notAToken(text: string): OidcgwError {
  const [piece] = findTokens(text)
  if (!piece)
    return new OidcgwError('ERR_NOT_A_TOKEN', 'there is nothing to read', {
      hint: 'Pipe a token in, or name it as an argument or as @FILE',
    })
  const problem = readToken(piece).problem ?? 'it is none'
  return new OidcgwError('ERR_NOT_A_TOKEN', `not a JWT: ${problem}`, {
    hint: 'A JWT is base64url parts with dots between them; what an opaque token means, oidcgw introspect can ask',
  })
}
