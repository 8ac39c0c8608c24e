import { Menu } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

/** Where a menu comes up, in the window's CSS pixels: the pointer, or what was focused. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
}

/** A menu at a place that is no button: at the pointer, a row, a column's head. */
export function FloatingMenu({
  at,
  label,
  testId,
  onClose,
  focusAfter,
  children,
}: {
  at: MenuPlace;
  label: string;
  testId: string;
  onClose: () => void;
  /** What has the focus when it closes. */
  focusAfter: () => HTMLElement | null;
  children: ReactNode;
}) {
  const anchor = { getBoundingClientRect: () => new DOMRect(at.x, at.y, at.width ?? 0, at.height ?? 0) };
  return (
    <Menu.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <Menu.Portal>
        <Menu.Positioner
          className="menu-positioner"
          anchor={anchor}
          side="bottom"
          align="start"
          sideOffset={2}
          collisionPadding={8}
        >
          <Menu.Popup className="menu" aria-label={label} data-testid={testId} finalFocus={() => focusAfter() ?? true}>
            {children}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function MenuItem({
  onClick,
  keys,
  disabled = false,
  isDanger = false,
  testId,
  children,
}: {
  onClick: () => void;
  /** How it is done by a key. */
  keys?: string;
  disabled?: boolean;
  isDanger?: boolean;
  testId?: string;
  children: ReactNode;
}) {
  return (
    <Menu.Item className="menu-item" onClick={onClick} disabled={disabled} data-danger={isDanger} data-testid={testId}>
      {children}
      {keys !== undefined && <kbd>{keys}</kbd>}
    </Menu.Item>
  );
}

/** Something that is on or off. The menu stays open: one is seldom alone. */
export function MenuCheck({
  isChecked,
  disabled = false,
  testId,
  onChange,
  children,
}: {
  isChecked: boolean;
  disabled?: boolean;
  testId?: string;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Menu.CheckboxItem
      className="menu-item"
      checked={isChecked}
      disabled={disabled}
      closeOnClick={false}
      onCheckedChange={onChange}
      data-testid={testId}
    >
      {children}
      <Menu.CheckboxItemIndicator>
        <Check size={14} aria-hidden />
      </Menu.CheckboxItemIndicator>
    </Menu.CheckboxItem>
  );
}

export function MenuLine() {
  return <Menu.Separator className="menu-line" />;
}

/** What the menu is about, when that is not in sight. */
export function MenuNote({ children }: { children: ReactNode }) {
  return <div className="menu-note">{children}</div>;
}
