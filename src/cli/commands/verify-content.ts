import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import { verifyJws } from '../../jwt/verify-jws.js'
import { verdictText } from '../../render/token-verdict-text.js'
import { wantsJson, writeJson, type CommandContext } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readTextInput } from './decode-input.js'
import type { VerifyCommandOptions } from './verify.js'
import { loadKeys } from './verify-keys.js'

/** `verify --profile-type jws`: the signatures over any content, compact or as JSON. No claim and no clock is looked at. */
export async function verifyContent(
  argument: string | undefined,
  options: VerifyCommandOptions,
  { host, out }: CommandContext,
): Promise<ExitCode> {
  const { text } = await readTextInput(argument, host, 'a JWS')
  const source = await loadKeys(options, host)
  const detached = options.content === undefined ? undefined : await readContent(resolve(host.cwd, options.content))
  const verdict = verifyJws(text.trim(), {
    keys: source.keys,
    ...(options.alg && { algorithms: options.alg }),
    ...(detached && { detached }),
  })
  const keys = { from: source.from, usable: source.keys.keys.length, skipped: source.keys.skipped.length }
  if (wantsJson(options)) {
    writeJson(host, {
      schema: 'oidcgw/verify-jws/v1',
      valid: verdict.valid,
      keys: { ...keys, skipped: source.keys.skipped },
      signatures: verdict.signatures,
    })
  } else {
    const texts = verdict.signatures.map(({ valid, checks }) =>
      verdictText({ valid, checks, token: undefined }, { at: host.now(), leewaySeconds: 0, keys, palette: out }),
    )
    host.stdout.write(texts.join('\n'))
  }
  return verdict.valid ? EXIT.yes : EXIT.no
}

/** The bytes as they stand: a line end at the end is part of what was signed. */
async function readContent(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, { cause, hint: 'Check the path' })
  })
}
