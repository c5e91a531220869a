/** The shop's only page: the orders of whoever is signed in. */
import { SessionEndedError, type Session } from 'holdfast';

/** Shows the page in that element. */
export function showOrders(root: HTMLElement, session: Session): void {
  root.innerHTML = `
    <p role="status"></p>
    <button>Sign in</button> <button>Show orders</button> <button>Sign out</button>
    <ul></ul>
  `;
  const [signIn, show, signOut] = root.querySelectorAll('button');
  const status = root.querySelector('p');
  const list = root.querySelector('ul');

  const render = (): void => {
    status?.replaceChildren(sentenceOf(session));
  };
  session.subscribe(render);
  render();

  const begin = async (): Promise<void> => {
    const response = await fetch('/login', { method: 'POST' });
    await session.start(await response.json());
  };
  const load = async (): Promise<void> => {
    try {
      const response = await session.fetch('/api/orders');
      const orders: string[] = response.ok ? await response.json() : [];
      list?.replaceChildren(...orders.map(itemOf));
    } catch (error) {
      // The status says already why there are none.
      if (!(error instanceof SessionEndedError)) list?.replaceChildren('The orders cannot be shown.');
    }
  };
  signIn?.addEventListener('click', () => void begin());
  show?.addEventListener('click', () => void load());
  signOut?.addEventListener('click', () => void session.end());
}

function sentenceOf({ state }: Session): string {
  switch (state.status) {
    case 'active':
      return 'You are signed in.';
    case 'stale':
      return 'The shop cannot be reached. Still trying.';
    case 'ended':
      return `Please sign in again: ${state.reason}.`;
    default:
      return 'Please sign in.';
  }
}

function itemOf(order: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = order;
  return item;
}
