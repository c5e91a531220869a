/** The shop's orders, in memory: a chandlery's morning, and what its people do with it. */
import { type Order, type OrderChange, type OrderLine, type OrderStatus, STATUSES } from '../shared/orders.ts';

/** Orders that can be read and changed. */
export interface OrderBook {
  /** Newest first. */
  readonly list: () => readonly Order[];
  readonly find: (id: number) => Order | undefined;
  /** Changes an order in this user's name. Nothing when there is none with this id. */
  readonly change: (id: number, change: OrderChange, user: string) => Order | undefined;
}

const MINUTE = 60_000;

const ARTICLES: Readonly<Record<string, readonly [shelf: string, price: number]>> = {
  'Anchor shackle, 10 mm': ['B2', 890],
  'Antifouling, 2.5 l': ['E1', 8450],
  'Brass cleat, 150 mm': ['A4', 2490],
  'Boat hook, telescopic': ['D3', 3990],
  'Bow fender, 60 cm': ['D1', 6200],
  'Bilge pump, 12 V': ['C2', 5475],
  'Chart, Firth of Clyde': ['F2', 3250],
  'Deck brush': ['D4', 1650],
  'Flare pack, coastal': ['F1', 9900],
  'Hand-bearing compass': ['F3', 11900],
  'Mooring line, 14 mm × 10 m': ['A1', 4290],
  'Navigation lamp, port': ['C4', 3780],
  'Navigation lamp, starboard': ['C4', 3780],
  'Oilskin jacket, L': ['G1', 18900],
  'Rope, 8 mm × 40 m': ['A2', 5600],
  'Sail needle set': ['G3', 1290],
  'Snap shackle, bronze': ['B3', 3150],
  'Tallow, 250 g': ['E4', 740],
  'Varnish, 1 l': ['E2', 3290],
  'Whipping twine, waxed': ['G4', 680],
};

interface Seed {
  readonly customer: string;
  readonly address: readonly [street: string, town: string];
  /** How many minutes ago it was placed. */
  readonly age: number;
  readonly status: OrderStatus;
  readonly lines: Readonly<Record<string, number>>;
  readonly note?: string;
}

const SEEDS: readonly Seed[] = [
  {
    customer: 'Maren Holm',
    address: ['Havnegade 12', 'Svendborg'],
    age: 6,
    status: 'new',
    lines: { 'Mooring line, 14 mm × 10 m': 2, 'Brass cleat, 150 mm': 4, 'Whipping twine, waxed': 1 },
    note: 'Collects on Friday before ten. Please keep at the counter.',
  },
  {
    customer: 'Tobermory Boatyard',
    address: ['Ledaig 3', 'Tobermory'],
    age: 19,
    status: 'new',
    lines: { 'Antifouling, 2.5 l': 6, 'Deck brush': 3, 'Tallow, 250 g': 2, 'Varnish, 1 l': 4 },
  },
  {
    customer: 'Ines Duarte',
    address: ['Rua da Ribeira 48', 'Setúbal'],
    age: 43,
    status: 'new',
    lines: { 'Hand-bearing compass': 1, 'Chart, Firth of Clyde': 1 },
  },
  {
    customer: 'Rescue Station Aith',
    address: ['The Pier', 'Aith'],
    age: 71,
    status: 'packing',
    lines: { 'Flare pack, coastal': 3, 'Boat hook, telescopic': 2, 'Oilskin jacket, L': 2 },
    note: 'Deliver to the station, not to the post office.',
  },
  {
    customer: 'Jonas Lindqvist',
    address: ['Strandvägen 7', 'Fjällbacka'],
    age: 104,
    status: 'packing',
    lines: { 'Bilge pump, 12 V': 1, 'Anchor shackle, 10 mm': 4 },
  },
  {
    customer: 'Sailing School Wannsee',
    address: ['Am Großen Wannsee 31', 'Berlin'],
    age: 152,
    status: 'new',
    lines: { 'Bow fender, 60 cm': 4, 'Rope, 8 mm × 40 m': 3, 'Snap shackle, bronze': 12, 'Sail needle set': 2 },
  },
  {
    customer: 'Aoife Brennan',
    address: ['Quay Street 5', 'Kinsale'],
    age: 208,
    status: 'ready',
    lines: { 'Navigation lamp, port': 1, 'Navigation lamp, starboard': 1 },
  },
  {
    customer: 'Ferry Company Samsø',
    address: ['Sælvigvej 20', 'Onsbjerg'],
    age: 260,
    status: 'ready',
    lines: { 'Mooring line, 14 mm × 10 m': 8, 'Bow fender, 60 cm': 2 },
  },
  {
    customer: 'Pieter de Vries',
    address: ['Oude Haven 9', 'Enkhuizen'],
    age: 395,
    status: 'shipped',
    lines: { 'Varnish, 1 l': 2, 'Deck brush': 1 },
  },
  {
    customer: 'Museum Harbour Övelgönne',
    address: ['Anleger Neumühlen', 'Hamburg'],
    age: 1510,
    status: 'shipped',
    lines: { 'Tallow, 250 g': 6, 'Whipping twine, waxed': 10, 'Rope, 8 mm × 40 m': 5 },
  },
  {
    customer: 'Elin Sørensen',
    address: ['Bryggen 2', 'Bergen'],
    age: 1622,
    status: 'shipped',
    lines: { 'Oilskin jacket, L': 1 },
  },
  {
    customer: 'Yann Le Goff',
    address: ['Quai Gauguin 14', 'Concarneau'],
    age: 2980,
    status: 'shipped',
    lines: { 'Snap shackle, bronze': 2, 'Sail needle set': 1, 'Anchor shackle, 10 mm': 2 },
  },
];

const PEOPLE = ['Signe', 'Olu', 'Signe', 'Bram'];
const FIRST_ID = 2187;

function plant(seed: Seed, index: number, now: number): Order {
  const { age, customer, note, status } = seed;
  const [street, town] = seed.address;
  const at = now - age * MINUTE;
  const stage = STATUSES.indexOf(status);
  const handler = stage === 0 ? undefined : PEOPLE[index % PEOPLE.length];
  const lines = Object.entries(seed.lines).map(([article, quantity], position): OrderLine => {
    const [shelf, price] = ARTICLES[article] ?? ['?', 0];
    return {
      id: position + 1,
      article,
      shelf,
      quantity,
      price,
      isPicked: stage > 1 || (stage === 1 && position === 0),
    };
  });
  const steps = STATUSES.slice(0, stage + 1).map((each, position) => ({
    at: at + position * age * MINUTE * 0.25,
    by: position === 0 ? customer : (handler ?? customer),
    status: each,
  }));
  return summed({ id: FIRST_ID - index, customer, street, town, placedAt: at, status, handler, note, lines, steps });
}

function summed(order: Omit<Order, 'pieces' | 'picked' | 'total'>): Order {
  const { lines } = order;
  return {
    ...order,
    pieces: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    picked: lines.reduce((sum, { isPicked, quantity }) => sum + (isPicked ? quantity : 0), 0),
    total: lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0),
  };
}

/** Opens the book with the orders of this moment. */
export function openOrderBook(now = Date.now()): OrderBook {
  let orders: readonly Order[] = SEEDS.map((seed, index) => plant(seed, index, now));
  const find = (id: number): Order | undefined => orders.find((order) => order.id === id);

  return {
    list: () => orders,
    find,
    change: (id, { picked, status }, user) => {
      const before = find(id);
      if (before === undefined) return undefined;
      const next = status ?? (picked !== undefined && before.status === 'new' ? 'packing' : before.status);
      const lines =
        picked === undefined
          ? before.lines
          : before.lines.map((line) => ({ ...line, isPicked: picked.includes(line.id) }));
      const steps =
        next === before.status ? before.steps : [...before.steps, { at: Date.now(), by: user, status: next }];
      const after = summed({ ...before, lines, steps, status: next, handler: user });
      orders = orders.map((order) => (order.id === id ? after : order));
      return after;
    },
  };
}
