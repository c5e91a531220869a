/** Changing one order from where it lies: shown at once, saved in the order of the hands, undone when it cannot be saved. */
import { useSession } from 'holdfast/vue';
import { computed, type ComputedRef, ref, type Ref, shallowRef, type ShallowRef } from 'vue';
import { changeOrder } from '../../shared/orders-client.ts';
import type { Order, OrderChange } from '../../shared/orders.ts';
import type { Polled } from './polled.ts';

/** What can be done with the order, and how the saving goes. */
export interface Picking {
  readonly toggle: (lineId: number) => Promise<void>;
  readonly change: (change: OrderChange) => Promise<void>;
  readonly isSaving: ComputedRef<boolean>;
  /** Why the last change was not saved. */
  readonly failure: Readonly<ShallowRef<string | undefined>>;
}

/** `onSaved` is told after each change that the server has taken. */
export function usePicking({ data, put, reload }: Polled<Order>, onSaved: () => void): Picking {
  const { fetch } = useSession();
  const failure = shallowRef<string>();
  const under: Ref<number> = ref(0);
  let last: Promise<unknown> = Promise.resolve();

  const change = async (wanted: OrderChange): Promise<void> => {
    const { value: order } = data;
    if (order === undefined) return;
    failure.value = undefined;
    under.value += 1;
    const saved = last.then(() => changeOrder(fetch, order.id, wanted));
    last = saved.catch(() => undefined);
    try {
      const answer = await saved;
      // Another change is on its way: what it will say is newer.
      if (under.value === 1) put(answer);
      onSaved();
    } catch (error) {
      failure.value = `Not saved. ${error instanceof Error ? error.message : ''}`;
      if (under.value === 1) await reload();
    } finally {
      under.value -= 1;
    }
  };

  return {
    change,
    toggle: async (lineId) => {
      const { value: order } = data;
      if (order === undefined) return;
      const lines = order.lines.map((line) => (line.id === lineId ? { ...line, isPicked: !line.isPicked } : line));
      put({ ...order, lines });
      await change({ picked: lines.filter(({ isPicked }) => isPicked).map(({ id }) => id) });
    },
    isSaving: computed(() => under.value > 0),
    failure,
  };
}
