import { lintKeySet } from '../../jwt/key-lint/index.js'
import { jsonObject } from '../../jwt/reading.js'
import { OidcgwError } from '../../errors.js'
import { keyFindingsText } from '../../render/token-key-findings-text.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readInputFile, readTextInput } from './decode-input.js'

/** `keys lint`: a JWK Set held against the rules. Exit 1 when one finding is an error. */
export async function lintKeys(argument: string | undefined, options: SharedOptions, { host, out }: CommandContext): Promise<ExitCode> {
  const named = argument !== undefined && argument !== '-'
  const text = named ? await readInputFile(argument.replace(/^@/, ''), host) : (await readTextInput('-', host, 'a JWK Set')).text
  const document = jsonObject(Buffer.from(text))
  if (!document)
    throw new OidcgwError('ERR_NOT_A_KEY', `${named ? argument : 'stdin'} holds no JSON object`, {
      hint: 'Expected a JWK Set: {"keys": [ … ]}',
    })
  const findings = lintKeySet(typeof document['kty'] === 'string' ? { keys: [document] } : document, { now: host.now() })
  const good = findings.every(({ severity }) => severity !== 'error')
  if (wantsJson(options)) writeJson(host, { schema: 'oidcgw/keys-lint/v1', good, findings })
  else host.stdout.write(keyFindingsText(findings, out))
  return good ? EXIT.yes : EXIT.no
}
