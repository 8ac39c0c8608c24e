import { Search, X } from "lucide-react";
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { filterSuggestions, type Suggestion } from "../../format/filter-suggestions.ts";
import type { PeerFilter } from "../../format/peer-filter.ts";
import { clientName } from "../../format/words.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";

/** Fewer are seen whole. */
const MOST_NAMES = 40;
/** There is one filter in the window; Ctrl F leads there. */
export const PEER_FILTER_ID = "peer-filter";
const FAULTS_ID = "peer-filter-faults";

/** The line that peers are found by, with what may be typed. */
export function PeerFilterBox({ filter }: { filter: PeerFilter }) {
  const { filterPeers } = useActions();
  const text = useApp((state) => state.peerFilter);
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [place, setPlace] = useState(-1);
  /** Where the caret belongs once the field has the word that was taken. */
  const writtenTo = useRef<number>(undefined);
  const id = useId();
  const vocabulary = useVocabulary(isOpen);
  const { from, to, list } = filterSuggestions(text, caret, vocabulary);
  const isShown = isOpen && list.length > 0;
  const marked = isShown ? list[place] : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new text may be the one
  useLayoutEffect(() => {
    if (writtenTo.current !== undefined) input.current?.setSelectionRange(writtenTo.current, writtenTo.current);
    writtenTo.current = undefined;
  }, [text]);

  function type(typed: string, at: number): void {
    filterPeers(typed);
    setCaret(at);
    setPlace(-1);
    setOpen(true);
  }

  function take({ text: word }: Suggestion): void {
    const typed = text.slice(0, from) + word + text.slice(to).trimStart();
    const at = from + word.length;
    type(typed, at);
    writtenTo.current = at;
  }

  function clear(): void {
    filterPeers("");
    setOpen(false);
  }

  function leave(): void {
    setOpen(false);
    document.querySelector<HTMLElement>('[data-testid="peer-list"]')?.focus();
  }

  function handleKey(event: KeyboardEvent<HTMLInputElement>): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      setOpen(true);
      if (isShown) setPlace(Math.max(-1, Math.min(list.length - 1, place + step)));
    } else if ((event.key === "Enter" || event.key === "Tab") && marked !== undefined) take(marked);
    else if (event.key === "Enter") leave();
    else if (event.key === "Escape" && isShown) setOpen(false);
    else if (event.key === "Escape" && text !== "") clear();
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const isUnread = filter.faults.length > 0;
  return (
    <div className="peer-filter" role="search">
      <span className="field-box icon-field filter-field" data-fault={isUnread}>
        <Search size={14} aria-hidden="true" />
        <input
          ref={input}
          id={PEER_FILTER_ID}
          type="text"
          role="combobox"
          aria-label={say.peers.filter}
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={marked === undefined ? undefined : `${id}-${place}`}
          aria-describedby={isUnread ? FAULTS_ID : undefined}
          aria-invalid={isUnread}
          placeholder={`${say.peers.filter}: ${say.peers.filterHint}`}
          spellCheck={false}
          autoComplete="off"
          data-testid="peer-filter"
          value={text}
          onChange={({ target }) => type(target.value, target.selectionStart ?? target.value.length)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={handleKey}
        />
        {text !== "" && (
          <button
            type="button"
            className="filter-clear"
            aria-label={say.peers.clearFilter}
            data-testid="peer-filter-clear"
            onClick={() => {
              clear();
              input.current?.focus();
            }}
          >
            <X size={13} aria-hidden="true" />
          </button>
        )}
      </span>
      {isShown && (
        <div className="filter-suggestions" role="listbox" id={`${id}-list`} aria-label={say.peers.suggestions}>
          {list.map((suggestion, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field keeps the focus and points to what is marked
            <div
              key={suggestion.text}
              id={`${id}-${index}`}
              role="option"
              className="filter-suggestion"
              aria-selected={index === place}
              data-testid="filter-suggestion"
              // Before the field loses the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              <code>{suggestion.text.trim()}</code>
              <span className="quiet ellipsis">{suggestion.words}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** What of the filter could not be read, and so does not filter. */
export function FilterFaults({ filter }: { filter: PeerFilter }) {
  if (filter.faults.length === 0) return null;
  return (
    <p className="filter-faults" id={FAULTS_ID} role="status" data-testid="filter-fault">
      {filter.faults.map(say.peers.filterFault).join(" ")}
    </p>
  );
}

/** Clients and countries of those who are here, while somebody types. */
function useVocabulary(isWanted: boolean) {
  const clients = useApp(
    useShallow((state) => {
      if (!isWanted) return [];
      const peers = [...(selectedDetails(state).peers?.values() ?? [])];
      return names(peers.map(({ client }) => client && clientName(client)));
    }),
  );
  const countries = useApp(
    useShallow((state) => {
      if (!isWanted) return [];
      const { peers, known } = selectedDetails(state);
      return names([...(peers?.values() ?? []), ...(known?.values() ?? [])].map(({ country }) => country));
    }),
  );
  return { clients, countries };
}

function names(all: readonly (string | undefined)[]): string[] {
  return [...new Set(all.filter((name) => name !== undefined))].sort().slice(0, MOST_NAMES);
}
