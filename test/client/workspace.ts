import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { startIdp, type Idp, type IdpOptions } from '../../src/idp/idp.js'
import { cli, type CliResult, type MemoryHostOptions } from '../support/memory-host.js'

export interface Workspace {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Runs a command line in the folder, with its own token store. */
  readonly run: (line: string | readonly string[], options?: MemoryHostOptions) => Promise<CliResult>
  readonly write: (name: string, content: unknown) => Promise<string>
}

/** A folder with a project file and a token store of its own, removed when the test ends. */
export async function createWorkspace(project?: unknown): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'oidcgw-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const env = { OIDCGW_STORE: join(folder, 'store'), SECRET: 'unset' }
  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, typeof content === 'string' ? content : stringify(content))
    return path
  }
  if (project !== undefined) await write('oidcgw.yaml', project)
  return {
    folder,
    env,
    write,
    run: (line, options = {}) =>
      cli(typeof line === 'string' ? line.split(' ') : line, { cwd: folder, ...options, env: { ...env, ...options.env } }),
  }
}

const newKey = (kid: string, alg: string, { privateKey }: { privateKey: KeyObject }) => ({
  ...privateKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
})

/** Made once: keys are slow to make. */
const jwks = {
  keys: [
    newKey('rsa', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
    newKey('ec', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  ],
}

/** An embedded provider of the test's own, closed when it ends. */
export async function openIdp(options: IdpOptions = {}): Promise<Idp> {
  const idp = await startIdp({ jwks, ...options })
  onTestFinished(() => idp.close())
  return idp
}

/** A profile for one of the provider's applications; its secret is in the environment as `NAME_SECRET`. */
export function profileFor(idp: Idp, application: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { client_id, client_secret } = idp.applications[application] as Idp['applications']['m2m']
  const client = {
    id: client_id,
    ...(client_secret && { secret: `env:${secretName(application)}` }),
    ...(more['client'] as object | undefined),
  }
  return { issuer: idp.issuer, ...more, client }
}

export const secretName = (application: string): string => `${application.toUpperCase().replaceAll('-', '_')}_SECRET`

/** The secrets of all applications by the names that {@link profileFor} refers to. */
export function secretsOf(idp: Idp): Record<string, string> {
  return Object.fromEntries(
    Object.values(idp.applications).flatMap(({ name, client_secret }) =>
      client_secret ? [[secretName(name), client_secret] as const] : [],
    ),
  )
}
