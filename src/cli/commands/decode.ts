import { findTokens } from '../../jwt/paste.js'
import { readToken, type TokenReading } from '../../jwt/reading.js'
import { viewToken, type TokenView } from '../../jwt/view.js'
import { tokenJson } from '../../render/token-json.js'
import { tokenText } from '../../render/token-text.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { notAToken, readTextInput } from './decode-input.js'

export const DECODE_SCHEMA = 'oidcgw/decode/v1'

export interface DecodeOptions extends SharedOptions {
  /** A few words beside every member. */
  readonly explain?: boolean
  /** Show every finding, and exit 1 when one is an error. */
  readonly lint?: boolean
  /** With `lint`: warnings count as errors. Implies it. */
  readonly strict?: boolean
  /** Opens encrypted tokens: a file with a JWK or PEM. */
  readonly key?: string
}

/** `decode [TOKEN|-|@FILE]`: reads, never asks the network, believes nothing. */
export async function decode(argument: string | undefined, options: DecodeOptions, context: CommandContext): Promise<ExitCode> {
  if (options.output === 'jsonl') return (await import('./decode-bulk.js')).decodeBulk(argument, context.host)
  const { host } = context
  const { text, from } = await readTextInput(argument, host)
  const now = host.now()
  const readings = findTokens(text)
    .map(readToken)
    .filter(({ form }) => form !== 'opaque')
  const opened = options.key === undefined ? readings : await (await import('./decode-decrypt.js')).openTokens(readings, options.key, host)
  const views = opened.map((reading) => viewToken(reading, { now, fromArgument: from === 'argument' }))
  const [first, ...others] = views
  if (!first) throw notAToken(text)
  if (wantsJson(options)) {
    writeJson(host, { schema: DECODE_SCHEMA, ...tokenJson(first, now), others: others.map((view) => tokenJson(view, now)) })
  } else if (options.output === 'raw') {
    for (const { reading } of views) host.stdout.write(`${rawPayload(reading)}\n`)
  } else {
    await writeText(views, options, context, now)
  }
  return lintExit(views, options)
}

async function writeText(views: readonly TokenView[], options: DecodeOptions, { host, out }: CommandContext, now: Date): Promise<void> {
  const explain = options.explain ? (await import('../../jwt/claim-notes.js')).explainMember : undefined
  // At a terminal somebody wants to be warned; a script asks with --lint or --json, and does not wait for the rules otherwise.
  const threshold = options.lint || options.strict || (options.verbose ?? 0) > 0 ? 'info' : host.stdout.isTTY ? 'warn' : 'none'
  const texts = views.map((view) => tokenText(view, { now, palette: out, threshold, ...(explain && { explain }) }))
  host.stdout.write(texts.join('\n'))
}

function lintExit(views: readonly TokenView[], { lint = false, strict = false }: DecodeOptions): ExitCode {
  if (!lint && !strict) return EXIT.yes
  const grave = views.flatMap(({ findings }) => findings).some(({ severity }) => severity === 'error' || (strict && severity === 'warn'))
  return grave ? EXIT.no : EXIT.yes
}

/** One line of JSON where the payload is JSON, else the payload as it is. */
function rawPayload({ payload, payloadBytes }: TokenReading): string {
  return payload ? JSON.stringify(payload) : (payloadBytes?.toString('utf8') ?? '')
}
