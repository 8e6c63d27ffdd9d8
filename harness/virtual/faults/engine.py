"""Lets the faults of one phone strike at their time or moment, tells the ledger, and ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from harness.virtual.faults.campaign import Campaign
from harness.virtual.faults.fault import Ending, Fault, When
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


class Engine:
    """Belongs to one phone."""

    def __init__(self, phone: VirtualPhone, faults: Sequence[Fault], campaign: Campaign | None) -> None:
        self._phone = phone
        self._faults = faults
        self._campaign = campaign

    async def begin(self) -> None:
        """Strike with what is there from the start, before anybody can connect; the rest comes by itself."""
        for fault in self._faults:
            if fault.when:
                self._phone.task(self._at_moments(fault, fault.when))
            elif not fault.at_s and not fault.event:
                await self._strike(fault, None)
                self._phone.task(self._again(fault, 1))
            else:
                self._phone.task(self._again(fault, 0))
        if self._campaign:
            self._phone.task(self._run_campaign(self._campaign))

    async def _again(self, fault: Fault, struck: int) -> None:
        await self._phone.clock.wait(fault.every_s if struck else fault.at_s or 0.0)
        for count in range(struck, fault.times):
            if count > struck:
                await self._phone.clock.wait(fault.every_s)
            if fault.event:
                await self._at_moment(fault, When(event=fault.event))
            else:
                await self._strike(fault, None)

    async def _at_moments(self, fault: Fault, when: When) -> None:
        # The first counts up to the n-th; later ones take the next moment of its kind.
        for count in range(fault.times):
            await self._at_moment(fault, when if not count else when.model_copy(update={"nth": 1}))

    async def _at_moment(self, fault: Fault, when: When, within_s: float | None = None) -> asyncio.Task[None]:
        """Wait for the moment and strike in it; the phone goes on only then. Gives what ends the fault.

        Raises:
            TimeoutError: the moment did not come within so many real seconds.
        """
        seen = 0
        came = asyncio.Event()
        struck: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()

        async def strike(moment: Moment) -> None:
            # A task of the phone's own: a lost link ends whoever waits for it here.
            healing = await asyncio.shield(self._phone.task(self._strike(fault, moment)))
            if not struck.done():
                struck.set_result(healing)

        async def later(moment: Moment) -> None:
            await self._phone.clock.wait(fault.after_s)
            await strike(moment)

        def listen(moment: Moment) -> Awaitable[None] | None:
            nonlocal seen
            if moment.event != when.event or when.match not in moment.text:
                return None
            seen += 1
            if seen != when.nth:
                return None
            came.set()
            if not fault.after_s:
                return strike(moment)
            self._phone.task(later(moment))
            return None

        forget = self._phone.moments.listen(listen)
        try:
            await asyncio.wait_for(came.wait(), within_s)
            return await struck
        finally:
            forget()

    async def _strike(self, fault: Fault, moment: Moment | None) -> asyncio.Task[None]:
        """Strike; gives the task that ends it."""
        phone = self._phone
        if not await fault.possible(phone):
            phone.ledger.note("fault_missed", kind=fault.kind)
            return phone.task(asyncio.sleep(0))
        number = phone.ledger.begin_fault(fault.kind, disturbs=fault.disturbs, **_told(fault, moment))
        ending = await fault.strike(phone, moment)
        return phone.task(self._end(ending, number))

    async def _end(self, ending: Ending, number: int) -> None:
        if ending:
            await ending
        self._phone.ledger.end_fault(number)

    async def _connected(self) -> None:
        # A rack must be found before it can be lost.
        came = asyncio.Event()
        forget = self._phone.moments.listen(lambda moment: came.set() if moment.event == "connect" else None)
        await came.wait()
        forget()

    async def _run_campaign(self, campaign: Campaign) -> None:
        await self._connected()
        clock, struck = self._phone.clock, 0
        started = clock.total_s()
        for gap_s, fault in campaign.draws(self._phone.index):
            await clock.wait(gap_s)
            if campaign.over(struck, clock.total_s() - started):
                return
            when = fault.when or (When(event=fault.event) if fault.event else None)
            try:
                if when:
                    # So long and no longer: on an idle phone no session starts.
                    healing = await self._at_moment(fault, when, campaign.patience_s / clock.rate)
                else:
                    healing = await self._strike(fault, None)
            except TimeoutError:
                self._phone.ledger.note("fault_missed", kind=fault.kind)
                continue
            await healing
            struck += 1
            await clock.wait(campaign.pause_s)


def _told(fault: Fault, moment: Moment | None) -> dict[str, object]:
    told: dict[str, object] = {"parameters": fault.model_dump(exclude_defaults=True, mode="json")}
    return {**told, "at": {"event": moment.event, "text": moment.text}} if moment else told
