import { randomBytes } from 'node:crypto'
import { open, readFile, stat, unlink, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { OidcgwError } from '../../errors.js'

export interface LockOptions {
  readonly signal?: AbortSignal
  /** Between two looks at a taken lock. Default 25 ms. */
  readonly pollMs?: number
  /** A lock whose holder showed no sign of life for this long is broken. Default 30,000. */
  readonly staleMs?: number
}

/**
 * Runs `work` while holding the lock file: created exclusively, so only one process has it; beside the data, never the data itself.
 * A holder that died is noticed by its process id on this machine, or by its silence (it touches the file every few seconds).
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const token = `${process.pid} ${hostname()} ${randomBytes(8).toString('hex')}`
  await acquire(path, token, options)
  const heartbeat = setInterval(
    () => {
      const now = new Date()
      utimes(path, now, now).catch(() => undefined)
    },
    (options.staleMs ?? 30_000) / 6,
  )
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    // Ours only: after a long sleep of the machine somebody may have broken it and hold their own.
    if ((await contentOf(path)) === token) await unlink(path).catch(() => undefined)
  }
}

async function acquire(path: string, token: string, { signal, pollMs = 25, staleMs = 30_000 }: LockOptions): Promise<void> {
  let seen = ''
  let since = performance.now()
  while (!(await create(path, token))) {
    if (signal?.aborted) throw new OidcgwError('ERR_ABORTED', 'interrupted while another oidcgw renews this token')
    const sign = await lifeSign(path)
    if (sign !== seen) {
      seen = sign
      since = performance.now()
    }
    if (sign !== '' && (holderIsDead(sign) || performance.now() - since > staleMs)) await breakLock(path, sign)
    await new Promise((resolve) => setTimeout(resolve, pollMs * (0.5 + Math.random())))
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(token)
    await file.close()
    return true
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Windows says EPERM while a file of that name is being deleted.
    if (code === 'EEXIST' || code === 'EPERM') return false
    throw new OidcgwError('ERR_STORE', `the token store cannot be locked (${code ?? 'error'})`, {
      cause,
      hint: `Check the folder of ${path}`,
    })
  }
}

/** Changes while the holder lives; empty when there is no lock. */
async function lifeSign(path: string): Promise<string> {
  const [content, facts] = await Promise.all([contentOf(path), stat(path).catch(() => undefined)])
  return facts ? `${content} ${facts.mtimeMs}` : ''
}

const contentOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

function holderIsDead(sign: string): boolean {
  const [pid = '', machine] = sign.split(' ')
  if (machine !== hostname() || !/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Two may find the same lock stale: only the one holding the second lock removes it, after looking again. */
async function breakLock(path: string, sign: string): Promise<void> {
  const breaking = `${path}.break`
  if (!(await create(breaking, sign))) {
    const facts = await stat(breaking).catch(() => undefined)
    if (facts && (await lifeSign(breaking)).startsWith(sign) && (await waited(breaking, facts.mtimeMs)))
      await unlink(breaking).catch(() => undefined)
    return
  }
  if ((await lifeSign(path)) === sign) await unlink(path).catch(() => undefined)
  await unlink(breaking).catch(() => undefined)
}

/** Removing a stale lock takes a moment: one that is still there after a second was left behind. */
async function waited(path: string, mtimeMs: number): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return (await stat(path).catch(() => undefined))?.mtimeMs === mtimeMs
}
