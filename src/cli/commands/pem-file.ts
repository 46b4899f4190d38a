import { holdsPem, pemHint, type PemKind } from '../../config/pem.js'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { readInputFile } from './decode-input.js'

/**
 * The text of a PEM file that a flag names, for TLS.
 * @throws {OidcgwError} `ERR_INPUT_NOT_FOUND` when it is not there, `ERR_NOT_A_KEY` when it holds nothing of the kind.
 */
export async function readPemFile(flag: string, path: string, kind: PemKind, host: Pick<Host, 'cwd'>): Promise<string> {
  const text = await readInputFile(path, host, flag)
  if (holdsPem(text, kind)) return text
  throw new OidcgwError('ERR_NOT_A_KEY', `${path} holds no ${kind}`, { where: flag, hint: pemHint(kind) })
}
