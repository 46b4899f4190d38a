import { readSecret, type Prompt } from '../config/secret-reference.js'
import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'

/** Reads the secret behind a reference; `what` names it in errors. */
export type Secrets = (reference: string, what: string) => Promise<string>

/** Reads each reference once. `file:-` is standard input, one trailing newline dropped. */
export function createSecrets(host: Pick<Host, 'env' | 'cwd' | 'stdin' | 'signal'>, prompt?: Prompt): Secrets {
  const known = new Map<string, Promise<string>>()
  return (reference, what) => {
    const read =
      known.get(reference) ??
      (reference === 'file:-' ? readStdin(host, what) : readSecret(reference, { host, what, ...(prompt && { prompt }) }))
    known.set(reference, read)
    return read
  }
}

async function readStdin({ stdin }: Pick<Host, 'stdin'>, what: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as string))
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (text) return text
  throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `${what}: standard input is empty`, { hint: 'Pipe the secret in, or name a file' })
}
