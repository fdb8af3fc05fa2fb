"""The worker: what does each kind of job, alone or beside ``khizana serve``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Thread

from django.db import Error, connection

from khizana.apps.digitisation.actions.make_access_copy import (
    ACCESS_COPY,
    LARGER_SIZES,
    make_access_copy,
    make_larger_sizes,
)
from khizana.apps.jobs import queue
from khizana.apps.publication.tasks.asking import DESK, resume_tasks
from khizana.core.configuration import Configuration
from khizana.core.identifiers import ImageId
from khizana.core.imaging.access_facts import sweep
from khizana.core.imaging.lanes import ImageLanes, processors
from khizana.core.library import LibraryFolder
from khizana.core.tasks.folder import sweep_tasks
from khizana.wiring.library import keeper, make_good

logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds between looks at an empty queue
AFTER_A_FAULT = 30.0  # seconds until the worker tries again


def lanes() -> ImageLanes:
    """Return one image lane per processor."""
    return ImageLanes(processors())


def job_handlers(
    folder: LibraryFolder, configuration: Configuration, image_lanes: ImageLanes
) -> Mapping[str, Callable[[str], None]]:
    """Return what does each kind of job, by the job's subject."""
    actions = {ACCESS_COPY: make_access_copy, LARGER_SIZES: make_larger_sizes}

    def handler(action: Callable[..., None]) -> Callable[[str], None]:
        return lambda subject: action(
            image=ImageId(subject), folder=folder, library=configuration.name, lanes=image_lanes
        )

    def at_desk(token: str) -> None:
        # What reads and writes every kind of list is imported where it is wanted: most commands begin without it.
        from khizana.apps.publication.tasks.working import work_on_task  # noqa: PLC0415

        work_on_task(token, keeper=keeper(folder, configuration), make_good=partial(make_good, folder, configuration))

    return {DESK: at_desk} | {kind: handler(action) for kind, action in actions.items()}


def work(
    folder: LibraryFolder,
    configuration: Configuration,
    *,
    at_once: int = 1,
    on_job: Callable[[], None] = lambda: None,
    stopping: Event | None = None,
) -> None:
    """Do jobs, *at_once* of them, until the queue has none that is due, or until *stopping* is set."""
    from khizana.wiring.search import SEARCH, index_now, index_waiting  # noqa: PLC0415 - as above

    index_waiting(folder, configuration)
    if not queue.is_due(now=time.time()):
        return

    def through(handlers: Mapping[str, Callable[[str], None]]) -> None:
        try:
            while not (stopping and stopping.is_set()) and (job := queue.take(now=time.time())):
                try:
                    if job.kind == SEARCH:
                        index_now(folder, configuration, [job.subject])
                    else:
                        handlers[job.kind](job.subject)
                except Exception as error:  # noqa: BLE001 - one job that fails must not end the worker; its problem is kept
                    queue.give_up(job, str(error), now=time.time())
                else:
                    queue.finish(job)
                on_job()
        finally:
            connection.close()

    with ImageLanes(at_once) as image_lanes, ThreadPoolExecutor(at_once, thread_name_prefix="work") as pool:
        handlers = job_handlers(folder, configuration, image_lanes)
        for future in [pool.submit(through, handlers) for _ in range(at_once)]:
            future.result()


def start_worker(folder: LibraryFolder, configuration: Configuration) -> Callable[[], None]:
    """Start the worker of ``khizana serve`` in a thread; return what stops it."""
    from khizana.wiring.search import make_ready  # noqa: PLC0415 - as above

    stopping = Event()

    def run() -> None:
        try:
            sweep(folder.access)
            sweep_tasks(folder.tasks, now=time.time())
        except OSError as error:
            logger.warning("what dead processes left could not be swept away: %s", error)
        try:
            resume_tasks(folder.tasks)
        except Error as error:
            logger.warning("what was under way at the desk could not be taken up: %s", error)
        make_ready(folder, configuration)
        while not stopping.wait(IDLE):
            try:
                work(folder, configuration, stopping=stopping)
            except Error as error:
                # Locked, or being replaced: the jobs are still there a second later.
                logger.warning("the worker could not look at its jobs: %s", error)
            except Exception:
                # A worker that ends here would leave every later job undone, and nobody would be told.
                logger.exception("the worker met a fault and goes on")
                stopping.wait(AFTER_A_FAULT)
            connection.close()

    thread = Thread(target=run, name="worker", daemon=True)
    thread.start()
    return partial(_stop, stopping, thread)


def _stop(stopping: Event, thread: Thread) -> None:
    stopping.set()
    thread.join(timeout=5)
