import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '../host.js'
import type { ProfileBook } from './book.js'
import { readConfigFiles, type ConfigFiles } from './files.js'
import { stateFolder } from './paths.js'

/** Raised when the same text would be read into another book. */
const FORMAT = 1

/**
 * The profiles of the project file and the person's own file, without loading the YAML reader and the schema when these very texts were read
 * before. The cache is trusted only when its digest is that of the texts as they are now: an edited profile never gives the old one.
 *
 * @throws {OidcgwError} as `loadProject` does.
 */
export async function loadBook(host: Pick<Host, 'env' | 'cwd'>, configFile?: string): Promise<ProfileBook> {
  const files = await readConfigFiles(host, configFile)
  const main = files.project ?? files.user
  if (!main) return { file: undefined, default_profile: undefined, profiles: {} }
  const digest = digestOf(files)
  const state = stateFolder(host)
  const folder = state && join(state, 'projects')
  const cached = folder && join(folder, `${sha256(main.path).slice(0, 32)}.json`)
  const known = cached && (await readCached(cached, digest))
  if (known) return known
  const { readProject } = await import('./load.js')
  const { file, default_profile, profiles } = readProject(files)
  const book = { file, default_profile, profiles }
  if (folder && cached) await keep(folder, cached, JSON.stringify({ digest, book }))
  return book
}

function digestOf({ project, user }: ConfigFiles): string {
  return sha256(JSON.stringify([FORMAT, project?.path, project?.shown, project?.text, user?.path, user?.text]))
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function readCached(path: string, digest: string): Promise<ProfileBook | undefined> {
  try {
    const cached = JSON.parse(await readFile(path, 'utf8')) as { digest: string; book: ProfileBook }
    return cached.digest === digest ? cached.book : undefined
  } catch {
    return undefined
  }
}

/** Only a convenience: a folder that cannot be written costs time, not the answer. */
async function keep(folder: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { default: writeFileAtomic } = await import('write-file-atomic')
    await writeFileAtomic(path, text, { mode: 0o600 })
  } catch {
    return
  }
}
