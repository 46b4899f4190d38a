import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'

/** Asks the person for a secret without echo; absent when nobody can be asked. */
export type Prompt = (label: string) => Promise<string>

export interface SecretContext {
  readonly host: Pick<Host, 'env' | 'cwd' | 'signal'>
  readonly prompt?: Prompt
  /** What it is for, as the error says it: `profiles.orders.client.secret`. */
  readonly what: string
}

/** Whether a text is written as a reference; a literal secret is not. */
export const isSecretReference = (text: string): boolean => /^(env|file|cmd):./.test(text) || text === 'prompt'

/**
 * The secret behind `env:NAME`, `file:PATH` (one trailing newline dropped), `cmd:COMMAND LINE` (run by `sh -c`, its first line) or `prompt`.
 * @throws {OidcgwError} `ERR_SECRET_UNAVAILABLE` when it is not there, is empty, or the text is no reference; the message never holds the value.
 */
export async function readSecret(reference: string, { host, prompt, what }: SecretContext): Promise<string> {
  const unavailable = (reason: string, hint: string, cause?: unknown) =>
    new OidcgwError('ERR_SECRET_UNAVAILABLE', `${what}: ${reason}`, { hint, ...(cause !== undefined && { cause }) })
  if (!isSecretReference(reference)) {
    throw unavailable('a literal secret is not accepted here', 'Write env:NAME, file:PATH, cmd:COMMAND or prompt instead')
  }
  if (reference === 'prompt') {
    if (!prompt)
      throw new OidcgwError('ERR_NEEDS_PERSON', `${what}: somebody has to type it`, {
        hint: 'Use env:NAME or file:PATH where nobody can be asked',
      })
    return prompt(what)
  }
  const [kind = '', ...rest] = reference.split(':')
  const name = rest.join(':')
  const readers: Record<string, () => Promise<string>> = {
    env: async () => {
      const value = host.env[name]
      if (!value) throw unavailable(`the environment variable ${name} is not set`, `Set ${name} and try again`)
      return value
    },
    file: async () => {
      const text = await readFile(resolve(host.cwd, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw unavailable(`${name} cannot be read (${cause.code ?? 'error'})`, 'Check the path and its permissions', cause)
      })
      return text.replace(/\r?\n$/, '')
    },
    cmd: async () => {
      const run = promisify(execFile)
      const { stdout } = await run('sh', ['-c', name], {
        signal: host.signal,
        env: { ...host.env } as NodeJS.ProcessEnv,
        cwd: host.cwd,
      }).catch((cause: { code?: number | string }) => {
        throw unavailable(`its command failed with exit code ${String(cause.code)}`, 'Run the command by hand to see why')
      })
      return stdout.split('\n', 1)[0] ?? ''
    },
  }
  const secret = await (readers[kind] as () => Promise<string>)()
  if (secret === '') throw unavailable('it is empty', 'Check where the reference points')
  return secret
}
