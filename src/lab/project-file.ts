import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { stringify } from 'yaml'
import type { Stage } from './stage.js'

/** Where the secrets of a written project file lie: 0600 files beside it, gone with the lab. */
const SECRETS_FOLDER = '.oidcgw-lab'

export interface WrittenProject {
  readonly file: string
  /** Removes the secrets; the project file stays. */
  removeSecrets(): Promise<void>
}

/**
 * Writes a project file with profiles and suites for a running lab. Secrets go into files of their own, readable by their owner only.
 * @param file where to; an existing file is replaced whole or not at all.
 */
export async function writeProjectFile(stage: Stage, file: string): Promise<WrittenProject> {
  const folder = join(dirname(resolve(file)), SECRETS_FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const reference = async (name: string, secret: string): Promise<string> => {
    const path = join(folder, name)
    await writeFileAtomic(path, `${secret}\n`, { mode: 0o600 })
    return `file:${relative(dirname(resolve(file)), path)}`
  }
  const { clients, people } = stage
  const secrets = {
    m2m: await reference('m2m.secret', clients.m2m.client_secret),
    web: await reference('web.secret', clients.web.client_secret),
    introspector: await reference('introspector.secret', clients.introspector.client_secret),
    alice: await reference('alice.password', people.alice.password),
    bob: await reference('bob.password', people.bob.password),
  }
  const document = projectDocument(stage, secrets)
  await writeFileAtomic(
    resolve(file),
    `# Profiles and suites for a running \`oidcgw lab\`; addresses and secrets are of that run.\n${stringify(document, { lineWidth: 140 })}`,
    { mode: 0o600 },
  )
  return { file: resolve(file), removeSecrets: () => rm(folder, { recursive: true, force: true }) }
}

function projectDocument(
  stage: Stage,
  secrets: Readonly<Record<'m2m' | 'web' | 'introspector' | 'alice' | 'bob', string>>,
): Record<string, unknown> {
  const { issuer, clients, people } = stage
  const person = (name: 'alice' | 'bob') => ({
    issuer,
    grant: 'authorization_code',
    client: { id: 'native', auth: 'none' },
    scope: 'openid profile groups api.read',
    login: { driver: 'form', username: people[name].username, password: secrets[name] },
  })
  return {
    version: 1,
    default_profile: 'm2m',
    profiles: {
      m2m: { issuer, grant: 'client_credentials', client: { id: clients.m2m.client_id, secret: secrets.m2m }, scope: 'api.read' },
      basic: { extends: 'm2m', present: 'basic' },
      stranger: { extends: 'm2m', resource: stage.resources.other },
      opaque: { extends: 'm2m', resource: stage.resources.opaque },
      introspector: { issuer, grant: 'client_credentials', client: { id: clients.introspector.client_id, secret: secrets.introspector } },
      alice: person('alice'),
      bob: person('bob'),
    },
    gateways: { lab: { url: stage.gatewayUrl, echo: 'body.headers' } },
    suites: {
      smoke: {
        gateway: 'lab',
        cases: [
          { name: 'closed without a token', get: '/oidcroute/get', as: 'none', expect: { status: 401, challenge: { scheme: 'Bearer' } } },
          { name: 'open with a token', get: '/oidcroute/get', as: 'm2m', expect: { status: 200, upstream: { 'issuer-header': issuer } } },
        ],
      },
      access: {
        gateway: 'lab',
        matrix: {
          routes: ['/oidcroute/get', '/admins/get'],
          as: ['none', 'm2m', 'stranger', 'alice', 'bob'],
          expect: [
            [401, 200, 403, 200, 200],
            [401, 403, 403, 200, 403],
          ],
        },
      },
    },
  }
}
