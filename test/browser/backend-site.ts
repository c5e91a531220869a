/** One of the backends, as a page of this test uses it. */

export interface Site {
  /** Its origin. */
  readonly origin: string;
  readonly user: string;
  /** Signs in as this page's user, cookies and all, and gives the answer. Lives are milliseconds. */
  readonly login: (lives: { readonly access: number; readonly refresh: number }, form?: string) => Promise<unknown>;
  readonly history: () => Promise<Readonly<Record<string, number>>>;
  readonly post: (path: string) => Promise<Response>;
}

export async function openSite(name: string): Promise<Site> {
  const origin = await (await fetch(`/backends/${name}`)).text();
  const user = crypto.randomUUID();
  const post = (path: string) => fetch(`${origin}${path}`, { method: 'POST', credentials: 'include' });
  return {
    origin,
    user,
    login: async ({ access, refresh }, form = '') =>
      (await post(`/login?user=${user}&access=${access}&refresh=${refresh}&form=${form}`)).json(),
    history: async () =>
      (await (await fetch(`${origin}/history?user=${user}`)).json()) as Readonly<Record<string, number>>,
    post,
  };
}

/** Real time: the backends' tokens live by it. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
