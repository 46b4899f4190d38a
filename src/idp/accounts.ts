import { createHash, timingSafeEqual } from 'node:crypto'

/** A person who can sign in. The name is the `sub` of tokens too. */
export interface Account {
  readonly username: string
  readonly password: string
  readonly name: string
  readonly email: string
  /** In every token of the person and, with scope `groups`, in the ID token and userinfo. */
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  /** More claims for ID token and userinfo, under scope `profile`. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export const DEFAULT_ACCOUNTS: readonly Account[] = [
  {
    username: 'alice',
    password: 'alice-password',
    name: 'Alice Adams',
    email: 'alice@example.test',
    groups: ['everyone', 'admins'],
    roles: ['admin', 'reader'],
  },
  { username: 'bob', password: 'bob-password', name: 'Bob Brown', email: 'bob@example.test', groups: ['everyone'], roles: ['reader'] },
]

export class Accounts {
  readonly #byName: ReadonlyMap<string, Account>

  constructor(accounts: readonly Account[]) {
    this.#byName = new Map(accounts.map((account) => [account.username, account]))
  }

  get all(): readonly Account[] {
    return [...this.#byName.values()]
  }

  find(username: unknown): Account | undefined {
    return typeof username === 'string' ? this.#byName.get(username) : undefined
  }

  /** The account when name and password agree. An unknown name costs the same comparison as a wrong password. */
  check(username: unknown, password: unknown): Account | undefined {
    const account = this.find(username)
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
    const same = timingSafeEqual(digest(typeof password === 'string' ? password : ''), digest(account?.password ?? ''))
    return account && same ? account : undefined
  }
}

/** All claims about a person; scopes and the `claims` parameter choose among them. */
export function claimsOf(account: Account): Record<string, unknown> & { sub: string } {
  const [given_name, family_name] = account.name.split(' ')
  return {
    ...account.claims,
    sub: account.username,
    name: account.name,
    given_name,
    family_name,
    preferred_username: account.username,
    email: account.email,
    email_verified: true,
    groups: account.groups,
    roles: account.roles,
  }
}
