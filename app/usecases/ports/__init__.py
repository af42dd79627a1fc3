"""What the use cases may ask for. This package is the map: each port explains its promise."""

from app.usecases.ports.cases import Cases, Papers, PostalOrders
from app.usecases.ports.clocks import Calendars, ClockCount, ClockFilter, Clocks
from app.usecases.ports.definitions import Definitions, Drafts, ElementLoad
from app.usecases.ports.engine import Engine
from app.usecases.ports.files import Files
from app.usecases.ports.forms import FileLimits, Form, FormField, Forms
from app.usecases.ports.instances import (
    Batches,
    IncidentCount,
    IncidentFilter,
    Incidents,
    InstanceFilter,
    Instances,
)
from app.usecases.ports.outbound import Connectors
from app.usecases.ports.people import Agencies, Notices, Passwords, Sessions, Users
from app.usecases.ports.procedures import Procedures, Registrations, Services
from app.usecases.ports.programs import Program, Programs
from app.usecases.ports.queue import Jobs, Parked, ParkedWork
from app.usecases.ports.replies import Replies
from app.usecases.ports.repository import Page, Repository
from app.usecases.ports.user_tasks import DueFilter, Queue, TaskCounts, TaskFilter, UserTasks
from app.usecases.ports.waiting import Inbox, JobsStore, StartEvents, Subscriptions, Timers
from app.usecases.ports.work import House, OpenWork, SubjectView, Together, Work

__all__ = [
    "Agencies",
    "Batches",
    "Calendars",
    "Cases",
    "ClockCount",
    "ClockFilter",
    "Clocks",
    "Connectors",
    "Definitions",
    "Drafts",
    "DueFilter",
    "ElementLoad",
    "Engine",
    "FileLimits",
    "Files",
    "Form",
    "FormField",
    "Forms",
    "House",
    "Inbox",
    "IncidentCount",
    "IncidentFilter",
    "Incidents",
    "InstanceFilter",
    "Instances",
    "Jobs",
    "JobsStore",
    "Notices",
    "OpenWork",
    "Page",
    "Papers",
    "Parked",
    "ParkedWork",
    "Passwords",
    "PostalOrders",
    "Procedures",
    "Program",
    "Programs",
    "Queue",
    "Registrations",
    "Replies",
    "Repository",
    "Services",
    "Sessions",
    "StartEvents",
    "SubjectView",
    "Subscriptions",
    "TaskCounts",
    "TaskFilter",
    "Timers",
    "Together",
    "UserTasks",
    "Users",
    "Work",
]
